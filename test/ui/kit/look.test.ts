import {expect, test} from 'vitest';
import {coloured, lookOf, styleOf} from '../../../source/ui/kit/look.ts';

/** What terminals make of the colours, and of bold in them; and the background. */
const palettes: Record<string, {background: string; red: string; magenta: string; bold?: {red: string}}> = {
  'xterm on white': {background: 'ffffff', red: 'cd0000', magenta: 'cd00cd', bold: {red: 'ff0000'}},
  'xterm on black': {background: '000000', red: 'cd0000', magenta: 'cd00cd', bold: {red: 'ff0000'}},
  'VGA on black': {background: '000000', red: 'aa0000', magenta: 'aa00aa', bold: {red: 'ff5555'}},
  'VGA on white': {background: 'ffffff', red: 'aa0000', magenta: 'aa00aa'},
  'Solarized light': {background: 'fdf6e3', red: 'dc322f', magenta: 'd33682'},
  'Solarized dark': {background: '002b36', red: 'dc322f', magenta: 'd33682'},
  'GitHub light': {background: 'ffffff', red: 'cf222e', magenta: '8250df'},
  'GitHub dark': {background: '0d1117', red: 'ff7b72', magenta: 'bc8cff'},
};

/** WCAG 2: relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test('contrast is what it is known to be', () => {
  expect(contrast('000000', 'ffffff')).toBeCloseTo(21, 5);
  expect(contrast('00cd00', 'ffffff')).toBeLessThan(2.2);
  expect(contrast('cdcd00', 'ffffff')).toBeLessThan(1.8);
});

test.each(Object.entries(palettes))('every colour can be read: %s', (_, {background, bold, ...colors}) => {
  expect(coloured.length).toBeGreaterThan(0);
  for (const {color, bold: isBold} of coloured) {
    const seen = {...colors, ...(isBold ? bold : {})}[color as 'red' | 'magenta'];
    expect(seen).toBeDefined();
    expect(contrast(seen, background)).toBeGreaterThanOrEqual(3);
  }
});

test('what needs the operator is bold, whatever the palette', () => {
  expect(styleOf('bad').bold).toBe(true);
  expect(styleOf('key')).toEqual({bold: true});
  expect(styleOf(lookOf('!'))).toEqual({marked: true});
});
