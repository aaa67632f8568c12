/** The page around the figures: it holds what the run has told, and a script that asks for more. */
import { createHash } from 'node:crypto';
import { escaped } from '../html.js';
import { chainColours, STYLE } from '../style.js';

const LIVE_STYLE = `
.live { position: sticky; top: 0; z-index: 1; margin: 0 0 20px; padding: 12px 16px; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }
.live p { margin: 0; }
.phase { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; }
.phase small { margin-left: auto; font-variant-numeric: tabular-nums; }
.badge { padding: 1px 9px; border-radius: 9px; font-size: 13px; color: var(--card); background: var(--quiet); }
.badge.sampling { background: var(--accent); }
.badge.warm-up { background: var(--bad); }
.badge.finished { background: var(--good); }
progress { display: block; width: 100%; height: 8px; margin: 8px 0; accent-color: var(--accent); }
.chains { margin-top: 8px; width: auto; }
.chains th, .chains td { padding: 3px 14px 3px 0; text-align: right; }
.lost { color: var(--bad); }
@media (max-width: 720px) { .live { padding: 10px 12px; margin-bottom: 16px; } }
`;

/**
 * Runs in the browser. Told by events: `status` (HTML), `figures` (their version, to be fetched), `end` (fetch the last
 * ones, then stay as it is). A page that nobody sees asks for nothing.
 */
const SCRIPT = `
const part = (id) => document.getElementById(id);
let source, wanted = '', shown = '', isOver = false, fetching;
async function fetchFigures() {
  while (shown !== wanted) {
    const version = wanted;
    const answer = await fetch('live/figures', { cache: 'no-store' });
    if (!answer.ok) return;
    const next = document.createElement('div');
    next.id = 'figures';
    next.innerHTML = await answer.text();
    next.dataset.draws = answer.headers.get('x-draws') ?? '';
    // Pictures get their size before the page sees them, so that nothing jumps.
    await Promise.allSettled([...next.querySelectorAll('img')].map((image) => image.decode()));
    part('figures').replaceWith(next);
    shown = version;
  }
}
function update(version) {
  wanted = version;
  fetching ??= fetchFigures().catch(() => undefined).finally(() => { fetching = undefined; });
  return fetching;
}
function leave() {
  source?.close();
  source = undefined;
}
function look() {
  if (isOver || source) return;
  source = new EventSource('live/events');
  source.onopen = () => { part('lost').hidden = true; };
  source.onerror = () => { part('lost').hidden = false; };
  source.addEventListener('status', (event) => { part('status').innerHTML = JSON.parse(event.data); });
  source.addEventListener('news', (event) => { part('news').innerHTML = JSON.parse(event.data); });
  source.addEventListener('figures', (event) => { void update(event.data); });
  source.addEventListener('end', async () => {
    isOver = true;
    await update(wanted);
    leave();
  });
}
document.addEventListener('visibilitychange', () => (document.hidden ? leave() : look()));
look();
`;

const scriptHash = createHash('sha256').update(SCRIPT).digest('base64');

/** Nothing but this page's own origin may be asked, and no other script may run. */
export const LIVE_POLICY =
  `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; ` +
  `connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/**
 * HTML of the page as it is sent first.
 * @param data name of the run's data
 * @param status HTML of how far the run is
 * @param news HTML that says why there are no figures, or nothing
 */
export function livePage(data: string, status: string, news: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(data)}, live</title>
<style>${STYLE}${chainColours()}${LIVE_STYLE}</style>
</head>
<body>
<main>
<div class="live" aria-live="off">
<div id="status">${status}</div>
<p id="lost" class="lost" hidden>The coordinator doesn't answer; this page goes on as soon as it does.</p>
</div>
<div id="news">${news}</div>
<div id="figures"></div>
<noscript><p>Figures come by a script; reload for a new status.</p></noscript>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
