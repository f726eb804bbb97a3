// How the operator's page looks. Marks carry the meaning beside the colours.

export const style = `
:root { color-scheme: light dark; --ink: #1c2127; --soft: #5a6572; --ground: #f6f7f9; --card: #fff; --line: #dfe3e8; --good: #1a7f4b; --bad: #c0262d; --warn: #9a6700; --link: #0b5cad }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa5b1; --ground: #14171a; --card: #1d2125; --line: #333a41; --good: #4cc38a; --bad: #ff7b7b; --warn: #e3b341; --link: #7ab7ff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif }
h1 { font-size: 1rem; margin: 0; color: var(--soft); font-weight: 600 }
h2 { font-size: 1rem; margin: 0 0 .5rem }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere }
p { margin: .25rem 0; overflow-wrap: anywhere }
.verdict { font-size: 1.75rem; font-weight: 650; line-height: 1.2 }
.at { color: var(--soft); font-size: .875rem }
main { margin-top: 1.25rem; display: grid; gap: 1rem }
.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)) }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; min-width: 0 }
table { border-collapse: collapse; width: 100% }
td, th { padding: .25rem 0; text-align: left; font-weight: 400; vertical-align: top; overflow-wrap: anywhere }
th { padding-right: 1rem; overflow-wrap: normal }
tr + tr > * { border-top: 1px solid var(--line) }
td:last-child { text-align: right; font-variant-numeric: tabular-nums }
.mark { width: 2rem; font-weight: 700 }
.good .mark, p.good { color: var(--good) }
.bad .mark, .bad td:last-child, p.bad { color: var(--bad) }
.unknown .mark, .unknown td:last-child, p.unknown { color: var(--warn) }
article { border-left: .25rem solid var(--warn); padding: .25rem .75rem; margin: .5rem 0 }
article.critical { border-color: var(--bad) }
article.held { opacity: .65 }
ul { margin: 0; padding-left: 1.1rem }
a { color: var(--link) }
`
