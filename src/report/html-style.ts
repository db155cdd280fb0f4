/** The style sheet of the report. Charts take their ink from the same variables, so both change colours together. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --text: #1f2933; --muted: #5f6b76; --grid: #e3e7eb; --surface: #ffffff; --raised: #f5f7f9; --fault: #c62f2f;
  --link: #1257a0;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --text: #e6eaee; --muted: #a3adb8; --grid: #39424c; --surface: #14181d; --raised: #1d232a; --fault: #ef6a62;
    --link: #7db8f0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--surface); color: var(--text);
  font: 15px/1.5 Roboto, system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 20px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 2px 0 6px; }
h2 { font-size: 20px; margin: 44px 0 8px; padding-top: 14px; border-top: 1px solid var(--grid); }
h3 { font-size: 15px; margin: 20px 0 2px; }
p { margin: 4px 0 10px; max-width: 75ch; }
a { color: var(--link); }
code, pre { font: 13px/1.45 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
pre { background: var(--raised); padding: 10px 12px; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.kicker, .note, .links, figcaption { color: var(--muted); font-size: 13px; }
.kicker { margin: 0; max-width: none; }
.answer { font-size: 17px; margin: 0 0 12px; max-width: 110ch; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 10px; margin: 0 0 10px; }
.figures > div { background: var(--raised); border-radius: 8px; padding: 8px 14px; }
.figures dt { color: var(--muted); font-size: 13px; }
.figures dd { margin: 0; }
.figures .value { font-size: 24px; font-weight: bold; line-height: 1.25; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; font-size: 13px; }
figure { margin: 8px 0 18px; }
.chart { overflow-x: auto; overflow-y: hidden; }
.chart svg { display: block; }
.chart .mark-rect { shape-rendering: crispEdges; }
.chart img { max-width: 100%; background: #ffffff; }
.links { margin: 2px 0 0; max-width: none; }
.links a { margin-right: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin: 6px 0 12px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--grid); }
th { color: var(--muted); font-weight: normal; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
details { border-bottom: 1px solid var(--grid); }
summary { cursor: pointer; padding: 6px 0; overflow-wrap: anywhere; }
.story summary { display: grid; grid-template-columns: 14px minmax(92px, max-content) 1fr; gap: 0 10px; }
.story summary::before { content: "▸"; color: var(--muted); }
.story details[open] > summary::before { content: "▾"; }
.story .bare summary::before { content: ""; }
.story .detail { color: var(--muted); display: block; }
.story :target, .story .chosen { background: var(--raised); box-shadow: -8px 0 0 var(--raised), 8px 0 0 var(--raised); }
time { font-variant-numeric: tabular-nums; color: var(--muted); white-space: nowrap; }
.chain { margin: 0 0 10px 24px; padding: 0; list-style: none; border-left: 2px solid var(--grid); }
.chain li { padding: 2px 0 2px 12px; display: grid; grid-template-columns: minmax(104px, max-content) 1fr; gap: 0 10px; }
.warning { border-left: 3px solid #f0a818; padding-left: 10px; overflow-wrap: anywhere; }
@media (max-width: 600px) {
  main { padding: 12px 14px 40px; }
  h1 { font-size: 21px; }
  .figures { grid-template-columns: 1fr; gap: 6px; }
  .figures .value { font-size: 20px; }
  .story summary, .chain li { grid-template-columns: 14px 1fr; }
  .chain li { grid-template-columns: 1fr; }
  .story summary > span:last-child { grid-column: 2; }
}
@media print {
  main { max-width: none; padding: 0; }
  nav, .hint { display: none; }
  figure, tr, .figures > div { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .chart { overflow: visible; }
  .chart svg { max-width: 100%; height: auto; }
  a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
