// The directory outside the repository where things are kept that every checkout on this machine may share.
import { homedir } from 'node:os'
import { join } from 'node:path'

export function cacheDirectory(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leadlight', name)
}
