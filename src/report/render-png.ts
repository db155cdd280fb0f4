import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Pixels of the picture for each pixel of the SVG. */
const SCALE = 2;

const faces = [
  { asset: 'Roboto-Regular.ttf', development: '400Regular/Roboto_400Regular.ttf' },
  { asset: 'Roboto-Bold.ttf', development: '700Bold/Roboto_700Bold.ttf' },
];

/**
 * The font files of charts, Regular and Bold: those beside the built program (`dist/assets`), or those of the
 * development dependency when the sources run unbuilt.
 */
export function fontFiles(): string[] {
  const require = createRequire(import.meta.url);
  return faces.map(({ asset, development }) => {
    const shipped = fileURLToPath(new URL(`../assets/${asset}`, import.meta.url));
    return existsSync(shipped) ? shipped : require.resolve(`@expo-google-fonts/roboto/${development}`);
  });
}

/** Turns an SVG of ours into a PNG at twice its size; fonts of the machine are never used. */
export type PngRenderer = (svg: string) => Uint8Array;

/** Loads the rasterizer, a native module, and gives a renderer. */
export async function loadPngRenderer(): Promise<PngRenderer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: 'Roboto' };
  return (svg) => new Resvg(svg, { font, fitTo: { mode: 'zoom', value: SCALE } }).render().asPng();
}
