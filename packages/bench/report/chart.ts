import { formatNumber } from "../lib/table.ts";

export interface Bar {
  label: string;
  value: number;
  /** Ours stand out. */
  ours: boolean;
}

const WIDTH = 720;
const LABELS = 250;
const VALUES = 90;
const ROW = 26;
const TOP = 34;

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** Bars to the right, as SVG; it shows in light and in dark pages. */
export function barChart(title: string, bars: Bar[], digits = 0): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (WIDTH - LABELS - VALUES) / most;
  const height = TOP + bars.length * ROW + 8;
  const rows = bars.map(({ label, value, ours }, index) => {
    const y = TOP + index * ROW;
    const width = Math.max(1, Math.round(value * scale));
    return [
      `<text x="${LABELS - 8}" y="${y + 16}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${LABELS}" y="${y + 3}" width="${width}" height="${ROW - 8}" rx="3" fill="${ours ? "#2563eb" : "#94a3b8"}"/>`,
      `<text x="${LABELS + width + 6}" y="${y + 16}">${formatNumber(value, digits)}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    "<style>text{font:13px system-ui,sans-serif;fill:#64748b}.t{font-weight:600}</style>",
    `<text class="t" x="0" y="18">${escapeXml(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
