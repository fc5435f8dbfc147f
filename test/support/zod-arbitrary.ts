import fc from 'fast-check';
import type * as z from 'zod/mini';

type Definition = {
  type: string;
  shape?: Record<string, z.ZodMiniType>;
  element?: z.ZodMiniType;
  innerType?: z.ZodMiniType;
  valueType?: z.ZodMiniType;
  entries?: Record<string, string>;
  values?: unknown[];
  format?: string;
  checks?: {_zod: {def: {check: string; format?: string; pattern?: RegExp; maximum?: number}}}[];
};

/**
 * Whatever a schema accepts, of the kinds that the evidence record is made of.
 * @param text what stands where any text may
 * @throws Error for a kind that it does not know
 */
export function arbitraryOf<T extends z.ZodMiniType>(
  schema: T,
  text: fc.Arbitrary<string>,
): fc.Arbitrary<z.infer<T>> {
  const of = (each: z.ZodMiniType): fc.Arbitrary<unknown> => {
    const def = each._zod.def as unknown as Definition;
    const checks = (def.checks ?? []).map(({_zod}) => _zod.def);
    switch (def.type) {
      case 'object':
        return fc.record(
          Object.fromEntries(Object.entries(def.shape ?? {}).map(([key, value]) => [key, of(value)])),
        );
      case 'array':
        return fc.array(of(def.element as z.ZodMiniType), {maxLength: 3});
      case 'nullable':
        return fc.option(of(def.innerType as z.ZodMiniType), {freq: 3});
      case 'optional':
        return fc.option(of(def.innerType as z.ZodMiniType), {freq: 3, nil: undefined});
      case 'record':
        return fc.dictionary(text, of(def.valueType as z.ZodMiniType), {maxKeys: 3});
      case 'enum':
        return fc.constantFrom(...Object.values(def.entries ?? {}));
      case 'literal':
        return fc.constantFrom(...(def.values ?? []));
      case 'boolean':
        return fc.boolean();
      case 'unknown':
        return fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text, {maxLength: 2}));
      case 'number': {
        const isInteger = def.format === 'safeint' || checks.some(({format}) => format === 'safeint');
        // JSON has no -0.
        return isInteger
          ? fc.oneof(fc.nat(), fc.maxSafeInteger())
          : fc
              .oneof(fc.nat(), fc.double({noNaN: true, noDefaultInfinity: true}))
              .map((value) => (Object.is(value, -0) ? 0 : value));
      }
      case 'string': {
        const pattern = checks.find((check) => check.pattern)?.pattern;
        if (pattern) return fc.stringMatching(pattern);
        const maximum = checks.find(({check}) => check === 'max_length')?.maximum;
        return maximum === undefined ? text : text.map((value) => value.slice(0, maximum));
      }
      default:
        throw new Error(`no arbitrary for a schema of the kind ${def.type}`);
    }
  };
  return of(schema) as fc.Arbitrary<z.infer<T>>;
}
