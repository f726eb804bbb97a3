// Texts that somebody might send in the hope that one place takes them for more than text.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what looks like a variable is part of the attempt

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

/** Each different from the others, none longer than a tenant's name may be. */
export const payloads = [...new Set(bases.flatMap((base) => disguises.map((disguise) => disguise(base))))]
