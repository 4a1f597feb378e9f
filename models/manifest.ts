import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import manifestJson from './manifest.json' with { type: 'json' };

const strict = { additionalProperties: false };

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Range = Type.Tuple([Type.Number(), Type.Number()]);
/** `any`: as large as the picture makes it. */
const Shape = Type.Array(Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('any')]), { minItems: 1 });
/** One for all channels, or one for each in the order of `colour`. */
const perChannel = <T extends TSchema>(value: T) => Type.Union([value, Type.Tuple([value, value, value])]);
/** A path inside an npm package, in POSIX form; no part of it leads upwards. */
const PathInPackage = Type.String({ pattern: '^(?!.*(^|/)\\.\\.?(/|$))[^/\\\\]+(/[^/\\\\]+)*$' });

const PinnedPackage = Type.Object(
  {
    name: Type.String({ pattern: '^(@[a-z0-9._-]+/)?[a-z0-9._-]+$' }),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    /** Subresource Integrity of the tarball, as the registry states it. */
    integrity: Type.String({ pattern: '^sha512-[A-Za-z0-9+/]{86}==$' }),
    sizeBytes: Type.Integer({ minimum: 1 }),
    licence: Type.String(),
  },
  strict,
);

const ModelSpec = Type.Object(
  {
    purpose: Type.String(),
    package: Type.String(),
    path: PathInPackage,
    /** Of the file inside the package. */
    sha256: Sha256,
    sizeBytes: Type.Integer({ minimum: 1 }),
    /**
     * What goes in: value = (v − offset) / divisor for v in 0..255, float32, channels in the order of `colour`. A file that
     * is no model, such as a list of characters, has neither inputs nor outputs.
     */
    inputs: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          shape: Shape,
          layout: Type.Literal('NCHW'),
          colour: Type.Enum(['RGB', 'BGR', 'grey']),
          offset: perChannel(Type.Number()),
          divisor: perChannel(Type.Number({ exclusiveMinimum: 0 })),
          range: Range,
          crop: Type.String(),
        },
        strict,
      ),
    ),
    outputs: Type.Array(
      Type.Object({ name: Type.String(), shape: Shape, range: Type.Optional(Range), meaning: Type.String() }, strict),
    ),
    preparation: Type.Object(
      {
        steps: Type.Array(
          Type.Object(
            { name: Type.Literal('zero-denormals'), threshold: Type.Number({ exclusiveMinimum: 0 }) },
            strict,
          ),
        ),
        /** Of the file as it is used; absent where nothing is changed. */
        sha256: Type.Optional(Sha256),
      },
      strict,
    ),
  },
  strict,
);
export type ModelSpec = Static<typeof ModelSpec>;

const Manifest = Type.Object(
  {
    packages: Type.Record(Type.String(), PinnedPackage),
    sets: Type.Record(Type.String(), Type.Record(Type.String({ pattern: '^[a-z0-9-]+$' }), ModelSpec)),
  },
  strict,
);
export type Manifest = Static<typeof Manifest>;

/** A group of models that is fetched together, for one use. */
export type ModelSet = keyof typeof manifestJson.sets;
export type ModelName<S extends ModelSet = ModelSet> = S extends ModelSet
  ? keyof (typeof manifestJson.sets)[S] & string
  : never;

const compiled = Compile(Manifest);

/** @throws Error naming the first place that is wrong; a wrong manifest is a defect of this repository */
export function parseManifest(value: unknown): Manifest {
  if (!compiled.Check(value)) {
    const [first] = compiled.Errors(value);
    throw new Error(`models/manifest.json: ${first?.instancePath || '/'} ${first?.message}`);
  }
  const manifest = value as Manifest;
  for (const [name, spec] of Object.values(manifest.sets).flatMap((set) => Object.entries(set))) {
    if (!(spec.package in manifest.packages)) throw new Error(`models/manifest.json: ${name} names no known package`);
    if (spec.preparation.steps.length > 0 !== (spec.preparation.sha256 !== undefined)) {
      throw new Error(`models/manifest.json: ${name} must state the sha256 of the prepared file, and only then`);
    }
  }
  return manifest;
}

export const MANIFEST: Manifest = parseManifest(manifestJson);

/** The sha256 of the file as it lies on disk and goes into a session. */
export function preparedSha256(spec: ModelSpec): string {
  return spec.preparation.sha256 ?? spec.sha256;
}
