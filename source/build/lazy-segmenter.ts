/** Whether each character is a grapheme cluster of its own: ASCII, but for CR LF (Unicode UAX #29, rule GB3). */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f || code === 0x0d) return false;
  }
  return true;
}

/** What `Intl.Segmenter` says of plain text. */
class PlainSegments implements Intl.Segments {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  containing(index = 0): Intl.SegmentData | undefined {
    const segment = this.#text[Math.trunc(index) || 0];
    return segment === undefined ? undefined : {segment, index: Math.trunc(index) || 0, input: this.#text};
  }

  *[Symbol.iterator](): Generator<Intl.SegmentData, undefined> {
    const input = this.#text;
    for (let index = 0; index < input.length; index++) yield {segment: input[index] as string, index, input};
    return undefined;
  }
}

/**
 * Stands in for `Intl.Segmenter` in the built program, for graphemes: the first real one takes 8 to 30 ms to make, every
 * library that measures text makes one as soon as it is loaded, and most text is ASCII and needs none.
 */
export class LazySegmenter {
  readonly #options: ConstructorParameters<typeof Intl.Segmenter>;
  readonly #byGrapheme: boolean;
  #real: Intl.Segmenter | undefined;

  constructor(...options: ConstructorParameters<typeof Intl.Segmenter>) {
    this.#options = options;
    this.#byGrapheme = (options[1]?.granularity ?? 'grapheme') === 'grapheme';
  }

  segment(text: string): Intl.Segments {
    if (this.#byGrapheme && isPlain(text)) return new PlainSegments(text);
    // By another name, or the build would put this class in its own place.
    this.#real ??= new globalThis.Intl['Segmenter'](...this.#options);
    return this.#real.segment(text);
  }
}
