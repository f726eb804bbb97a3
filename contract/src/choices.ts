// The closed lists of words that properties may have. Imports nothing, so the browser bundle may take them.

export const devices = ['phone', 'tablet', 'desktop'] as const
export const triggers = ['click', 'auto', 'api'] as const
export const contacts = ['email', 'phone', 'form', 'other'] as const
export const errorSources = ['load', 'api', 'render', 'unhandled', 'other'] as const
