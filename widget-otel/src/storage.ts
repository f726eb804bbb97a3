// Our keys in the browser's storage, which may be denied, full or tampered with: then nothing is found and nothing kept.

export type Area = 'localStorage' | 'sessionStorage'

/** What was written under the key, if anything. */
export function read<T>(area: Area, key: string): T | null | undefined {
  try {
    // even `window.localStorage` throws where storage is denied
    return JSON.parse(window[area].getItem(key) as string)
  } catch {
    return undefined
  }
}

/** Writes the value, or removes the key when there is none; false when the storage does not let it. */
export function write(area: Area, key: string, value?: unknown): boolean {
  try {
    if (value) window[area].setItem(key, JSON.stringify(value))
    else window[area].removeItem(key)
    return true
  } catch {
    return false
  }
}

/** The keys of localStorage that start so. */
export function keysOf(start: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(start))
  } catch {
    return []
  }
}

/** Removes them, and the database of that name. */
export function forget(start: string): void {
  try {
    // not startsWith, which weighs three bytes more
    for (const key in localStorage) if (!key.indexOf(start)) localStorage.removeItem(key)
    indexedDB.deleteDatabase(start)
  } catch {
    // nothing is kept where storage is denied
  }
}
