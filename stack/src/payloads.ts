// Texts that somebody might send in the hope that one place takes them for more than text: one corpus for the tests of every place.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what looks like a variable is part of the attempt

/** For places that read markup; each is tried in several disguises. */
const bases = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<style>@import "https://evil.example"</style>',
  '<object data=javascript:alert(1)>',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '//evil.example/x',
  '[x](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '${__data.fields.tenant_id}',
  '${operations}',
  '$__timeFilter(occurred_at)',
  '[[tenant]]',
  "' or 1=1 --",
  "'; drop table leadlight.events; --",
  "'::uuid or true --",
  '$$ or true $$',
  "\\' or true --",
  '"} or vector(1) #',
  '", tenant_id=~".*',
  '\\"} or vector(1) #',
  '=HYPERLINK("https://evil.example")',
  '@SUM(1+1)*cmd|" /C calc"!A0',
  '\u001b[31mred',
  'two\nlines',
  '\u202Eright to left',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '../../etc/passwd',
] as const

const disguises: ((text: string) => string)[] = [
  (text) => text,
  (text) => `">${text}`,
  (text) => `'>${text}<!--`,
  (text) => `</textarea></title>${text}`,
  encodeURIComponent,
  (text) =>
    text.replace(/script|onerror|onload|javascript/gi, (word) =>
      [...word].map((letter, i) => (i % 2 ? letter.toUpperCase() : letter)).join(''),
    ),
]

/** For chats, mails, logs, terminals and spreadsheets, where a disguise would only spoil them. */
const plain = [
  '<!channel> come here',
  '<https://evil.example|your invoice>',
  '<@U024BE7LH>',
  '@everyone *now* _or_ ~never~ `x`',
  'https://evil.example/login',
  'www.evil.example',
  'mailto:someone@evil.example',
  'x\r\nBcc: everyone@evil.example',
  'x\r\n\r\n<html><script>alert(1)</script>',
  '=?utf-8?q?=0d=0aBcc:_everyone@evil.example?=',
  'x\r\n.\r\nMAIL FROM:<someone@evil.example>',
  'x\n{"level":60,"msg":"forged"}',
  'x\r\n{"level":60,"msg":"forged"}',
  '{"level":60,"msg":"forged"}',
  '","level":60,"msg":"forged',
  'x\u2028y\u2029z\u0085',
  '\u009b31mred',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.example\u0007x\u001b]8;;\u0007',
  '\u001b[2J\u001b[1;1H',
  'x\b\b\b\b\ty',
  "=cmd|' /C calc'!A0",
  "+cmd|' /C calc'!A0",
  "-cmd|' /C calc'!A0",
  '\t=1+1',
  ' =1+1',
  '\n=1+1',
  '\uFF1D1+1',
  "x;=cmd|' /C calc'!A0",
  'x,"=1+1"',
  '{{ .ExternalURL }}{{ template "leadlight.text" . }}',
  '__proto__',
  'constructor',
] as const

/** Each different from the others, none longer than a tenant's name may be; all of them are texts that PostgreSQL can hold. */
export const payloads: string[] = [
  ...new Set([...bases.flatMap((base) => disguises.map((disguise) => disguise(base))), ...plain]),
]

/** They come in groups where a place shows no more than so many. */
export const inGroups = (size: number): string[][] =>
  Array.from({ length: Math.ceil(payloads.length / size) }, (_, index) =>
    payloads.slice(index * size, (index + 1) * size),
  )
