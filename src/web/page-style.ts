/** The style of the page. Colours are chosen for dark rooms and for eyes that tell red from green badly: words and marks say the same. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f8, #101315);
  --card: light-dark(#ffffff, #191d20);
  --line: light-dark(#dfe3e6, #2b3136);
  --ink: light-dark(#1a1d1f, #e3e6e8);
  --faint: light-dark(#5c666d, #96a1a9);
  --good: light-dark(#1a7f4b, #4cc38a);
  --bad: light-dark(#c62b1f, #ff8070);
  --badground: light-dark(#fdf0ee, #2a1817);
  --odd: light-dark(#8a6100, #e2b04a);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; padding-top: 1.2rem; }
h1 { font-size: 1.5rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
header p, nav, main > p, footer { color: var(--faint); font-size: .85rem; }
header.failing h1 { color: var(--bad); }
header.passing h1 { color: var(--good); }
header.waiting h1 { color: var(--odd); }
section { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--card); }
article { display: grid; grid-template-columns: 1.4rem minmax(0, 1fr) auto; gap: 0 .5rem; padding: .6rem .9rem; border-top: 1px solid var(--line); }
article:first-child { border-top: 0; }
article.bad { background: var(--badground); }
.mark { font-weight: 700; }
.good > .mark, .good .state { color: var(--good); }
.bad > .mark, .bad .state { color: var(--bad); }
.odd > .mark, .odd .state { color: var(--odd); }
h3 { display: inline; font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
.state { font-weight: 600; }
.since, .target, .code { color: var(--faint); }
.target, .code { font-size: .85rem; overflow-wrap: anywhere; }
.label { border: 1px solid var(--line); border-radius: 4px; padding: 0 .3rem; white-space: nowrap; }
.took { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.took svg { display: block; width: 7rem; height: 6px; margin: .3rem 0 0 auto; border-radius: 2px; }
.took svg.gap { width: 14rem; height: 8px; }
.gap { background: var(--ground); } .tolerance { fill: var(--line); } .reach { fill: #3f8fd6; opacity: .55; } .best { fill: var(--ink); }
@media (max-width: 36rem) { .took svg { width: 4rem; } .took svg.gap { width: 8rem; } }
.why { grid-column: 2 / -1; margin-top: .35rem; }
.why p { margin: .1rem 0; overflow-wrap: anywhere; }
.why .sentence { font-weight: 600; }
.why .before { color: var(--faint); margin-top: .5rem; }
.why .actor { color: var(--ink); }
.why .action::before { content: "→ "; color: var(--faint); }
.banner { background: var(--badground); border: 1px solid var(--bad); border-radius: 8px; padding: .7rem .9rem; margin-bottom: 1rem; }
.banner ul { margin: .3rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .85rem; }
.resolve { fill: #8e6fd8; } .connect { fill: #3f8fd6; } .tls { fill: #2aa39a; }
.request { fill: #8aa636; } .wait { fill: #d99a2b; } .transfer { fill: #c9637f; }
.legend svg { margin: 0 .2rem 0 .6rem; vertical-align: -1px; }
a { color: inherit; text-underline-offset: .15em; }
nav, main > p { margin: .5rem 0; }
footer { padding-top: 1rem; padding-bottom: 2rem; }
`;
