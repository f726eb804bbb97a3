// Where the pages are that say what to do about an alert: each is named after its alert. Imports nothing.

const repository = 'https://github.com/leadlight/leadlight'
const pages = `${repository}/blob/main/runbooks/`

export const allRunbooks = `${repository}/tree/main/runbooks`

export const runbookUrl = (alert: string): string => `${pages}${alert}.md`

/** Whether an address that came from elsewhere leads to one of them, and nowhere else. */
export const isRunbookUrl = (address: string): boolean =>
  address.startsWith(pages) && /^[A-Za-z]+\.md$/.test(address.slice(pages.length))
