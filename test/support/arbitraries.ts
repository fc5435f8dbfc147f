import fc from 'fast-check';
import type {PhpValue} from './php-json.ts';

/** Any well-formed text, often with what PHP escapes, shells mind and terminals obey. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({unit: 'grapheme', maxLength: 20}),
  fc
    .array(
      fc.constantFrom('a', 'é', '😀', '"', '\\', '/', '\n', '\t', '\u0000', '\u007f', '\u2028', '\ufeff'),
      {
        maxLength: 8,
      },
    )
    .map((pieces) => pieces.join('')),
);

/** Keys that a JavaScript object would reorder or treat specially, and plain ones. */
export const anyKey: fc.Arbitrary<string> = fc.oneof(
  anyText,
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '1', '10', '-1', ''),
);

const space = fc
  .array(fc.constantFrom(' ', '\n', '\t', '\r'), {maxLength: 2})
  .map((pieces) => pieces.join(''));

/** One of the ways to write a string in JSON: some characters bare, some escaped. */
const jsonString = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, fc.nat({max: 3})).map(([value, escaped]) => {
    const plain = JSON.stringify(value).replaceAll('/', escaped === 1 ? '\\/' : '/');
    const hex = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    if (escaped === 2)
      return plain.replace(/[\u0080-\uffff]/g, (unit) => hex(unit).toUpperCase().replace('U', 'u'));
    return escaped === 3 ? `"${value.replace(/[\s\S]/g, hex)}"` : plain;
  });

const jsonNumber = fc.stringMatching(/^-?(0|[1-9]\d{0,21})(\.\d{1,5})?([eE][+-]?\d{1,3})?$/);

/** JSON text in any style; the keys of each map differ once decoded. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{value: string}>((tie) => ({
  value: fc
    .tuple(
      space,
      fc.oneof(
        {depthSize: 'small', withCrossShrink: true},
        fc.constantFrom('null', 'true', 'false'),
        jsonNumber,
        jsonString(anyText),
        fc.array(tie('value'), {maxLength: 4}).map((items) => `[${items.join(',')}]`),
        fc
          .uniqueArray(fc.tuple(jsonString(anyKey), space, tie('value')), {
            maxLength: 4,
            selector: ([key]) => JSON.parse(key) as string,
          })
          .map((items) => `{${items.map(([key, gap, value]) => `${gap}${key}${gap}:${value}`).join(',')}}`),
      ),
      space,
    )
    .map((pieces) => pieces.join('')),
})).value;

/** Text that is nearly JSON, and often is not. */
export const nearlyJson: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ...'{}[],:"\\u0aE1-+.\u00a0\ufeff\u2028\u0001 \n',
        ...['true', 'fals', 'null', 'NaN', '"a"', '"a":', '\\ud83d', '\\ude00', '//', "'"],
      ),
      {maxLength: 12},
    )
    .map((pieces) => pieces.join('')),
  fc
    .tuple(jsonText, fc.nat(), fc.nat({max: 3}), fc.constantFrom('', '"', ',', '}', '\\', '0', ' '))
    .map(([text, at, removed, added]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + added + text.slice(from + removed);
    }),
);

/** A value that PHP's json_decode and json_encode carry through unchanged. */
export const phpValue: fc.Arbitrary<PhpValue> = fc.letrec<{value: PhpValue}>((tie) => ({
  value: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    fc.constantFrom(null, true, false),
    fc.integer(),
    anyText,
    fc.array(tie('value'), {maxLength: 3}),
    fc
      .uniqueArray(fc.tuple(anyKey, tie('value')), {maxLength: 3, selector: ([key]) => key})
      .map((entries) => new Map(entries)),
  ),
})).value;

/** A map with at least one key that keeps it from being a list. */
export const phpMap = (...reserved: string[]): fc.Arbitrary<Map<string, PhpValue>> =>
  fc
    .uniqueArray(fc.tuple(anyKey, phpValue), {maxLength: 4, selector: ([key]) => key})
    .map((entries) => new Map([['label', ''], ...entries.filter(([key]) => !reserved.includes(key))]));
