// How bodies are checked: as they came. Fastify's own defaults turn `3` into "3" and strip what a schema does not name.

export const strict = {
  customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false },
} as const
