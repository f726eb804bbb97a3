// The widget's looks; they live and end inside its Shadow DOM.

export const widgetStyle = `
:host {
  all: initial;
  position: fixed;
  right: 1.25rem;
  bottom: 1.25rem;
  z-index: 10;
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  color: #1d2530;
}
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid #1d2530; outline-offset: 2px; }
.launcher {
  padding: .9rem 1.4rem;
  border: 0;
  border-radius: 999px;
  background: #b5431f;
  color: #fff;
  font-weight: 600;
  box-shadow: 0 8px 24px rgb(29 37 48 / .28);
}
.launcher:hover, .primary:hover { background: #99371a; }
.panel {
  display: flex;
  flex-direction: column;
  width: min(24rem, calc(100vw - 2rem));
  height: min(36rem, calc(100vh - 2.5rem));
  overflow: hidden;
  border-radius: 16px;
  background: #fff;
  box-shadow: 0 16px 48px rgb(29 37 48 / .3);
}
.bar {
  display: flex;
  justify-content: space-between;
  align-items: center;
  padding: .5rem .5rem .5rem 1.25rem;
  background: #1d2530;
  color: #fff;
}
.close { width: 2.75rem; height: 2.75rem; border: 0; background: none; font-size: 1.5rem; line-height: 1; }
.bar :focus-visible { outline-color: #fff; }
.log { flex: 1; display: flex; flex-direction: column; gap: .625rem; padding: 1.25rem; overflow-y: auto; background: #f6f4f0; }
.bot, .visitor { max-width: 85%; padding: .625rem .875rem; border-radius: 14px; overflow-wrap: anywhere; }
.bot { align-self: flex-start; border-bottom-left-radius: 4px; background: #fff; }
.visitor { align-self: flex-end; border-bottom-right-radius: 4px; background: #1d2530; color: #fff; }
.retry, .broken { background: #fbe5dc; }
.waiting { display: flex; gap: .3rem; padding: .9rem; }
.waiting i { width: .45rem; height: .45rem; border-radius: 50%; background: #8a8f98; animation: wait 1.2s infinite ease-in-out; }
.waiting i:nth-child(2) { animation-delay: .15s; }
.waiting i:nth-child(3) { animation-delay: .3s; }
@keyframes wait { 30% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { .waiting i { animation: none; } }
.estimate { display: grid; gap: .125rem; padding: 1rem 1.125rem; border-radius: 14px; border: 1px solid #e3ddd3; background: #fff; }
.estimate strong { font-size: 2rem; letter-spacing: -.02em; line-height: 1.2; font-variant-numeric: tabular-nums; }
.estimate span { font-size: .875rem; color: #58606c; }
.composer:not(:empty) { padding: .875rem 1rem 1rem; border-top: 1px solid #e3ddd3; }
.offers:not(:empty) { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: .75rem; }
.offer { min-height: 2.5rem; padding: 0 .875rem; border: 1px solid #b5431f; border-radius: 999px; background: #fff; color: #99371a; }
.offer:hover { background: #fbf0eb; }
form { display: flex; gap: .5rem; }
input { flex: 1; min-width: 0; min-height: 2.75rem; padding: 0 .875rem; border: 1px solid #7b818b; border-radius: 10px; background: #fff; }
.primary { min-height: 2.75rem; padding: 0 1rem; border: 0; border-radius: 10px; background: #b5431f; color: #fff; font-weight: 600; }
.wide { width: 100%; }
`
