// Reads the samples of a Prometheus text.

export type Sample = { name: string; labels: Record<string, string>; value: number }

export const readSamples = (text: string): Sample[] =>
  [...text.matchAll(/^([a-z_]+)\{(.*)\} (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text])),
    value: Number(value),
  }))

export const sum = (samples: Sample[]) => samples.reduce((total, { value }) => total + value, 0)
