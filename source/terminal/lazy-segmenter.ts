/**
 * Stands in for `Intl.Segmenter` in the built program: the first real one takes 30 ms to make, every library that
 * measures text makes one as soon as it is loaded, and most text is ASCII and needs none.
 */
export class LazySegmenter {
  readonly #options: ConstructorParameters<typeof Intl.Segmenter>;
  #real: Intl.Segmenter | undefined;

  constructor(...options: ConstructorParameters<typeof Intl.Segmenter>) {
    this.#options = options;
  }

  segment(text: string): Intl.Segments {
    // By another name, or the build would put this class in its own place.
    this.#real ??= new globalThis.Intl['Segmenter'](...this.#options);
    return this.#real.segment(text);
  }
}
