// How a browser bundle is made small: esbuild joins the modules, terser takes out what no browser needs.
import { type BuildOptions, build } from 'esbuild'
import { minify } from 'terser'

export type Bundle = { code: string; map: string; mangleCache: NonNullable<BuildOptions['mangleCache']> }

/**
 * Calls that are left out: OpenTelemetry's messages about itself. Nobody set up a logger for ours, so all they could do is
 * turn up in the logger of a page with OpenTelemetry of its own.
 */
const messages = (loggers: string[]) =>
  loggers.flatMap((logger) => ['error', 'warn', 'info', 'debug', 'verbose'].map((level) => `${logger}.${level}`))

/**
 * @param options what esbuild bundles, one entry point
 * @param preamble a comment to begin with
 */
export async function bundle(options: BuildOptions, preamble?: string): Promise<Bundle> {
  const { outputFiles = [], mangleCache = {} } = await build({
    bundle: true,
    write: false,
    outdir: 'dist',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    sourcemap: 'external',
    minifySyntax: true,
    minifyWhitespace: true,
    ...options,
  })
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? ''
  const { code = '', map } = await minify(text('js'), {
    ecma: 2020,
    module: true,
    compress: {
      passes: 5,
      // leaves more text that gzip has seen before
      lhs_constants: false,
      pure_funcs: messages(['diag', 'diag2', `this.${mangleCache._diagLogger}`]),
    },
    format: { comments: false, preamble },
    sourceMap: { content: text('.map') },
  })
  return { code, map: String(map), mangleCache }
}
