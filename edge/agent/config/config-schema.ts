import { Slug } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';
import { FailMode, gateControlKeys } from '../../access/gate-config.ts';
import { QUIRK_NAMES } from '../../onvif/quirks.ts';
import { RECORDING_TRIGGERS } from '../camera/recording-triggers.ts';
import { readerSection } from './reader-section.ts';

/** `config/edge.yaml` explains every key; a test holds the two together. */
const strict = { additionalProperties: false };

const Path = Type.String({ minLength: 1, maxLength: 4_096 });
const Token = Type.String({ minLength: 1, maxLength: 64 });
/** No user information: `https://name:password@host` would put a secret into this file. */
const HttpUrl = Type.String({ pattern: '^https?://[^\\s@/]+(/[^\\s]*)?$', maxLength: 512 });
const RtspUrl = Type.String({ pattern: '^rtsps?://[^\\s@/]+(/[^\\s]*)?$', maxLength: 1_024 });

/** Where a password is found: in a file or in a variable of the environment, never in the configuration. */
const login = {
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  passwordFile: Type.Optional(Path),
  passwordEnv: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' })),
};

const Onvif = Type.Object({ url: HttpUrl, ...login }, strict);

/** Which stream to take: a profile of the device, or an address of its own. Without either the device is asked. */
const StreamChoice = Type.Object({ profile: Type.Optional(Token), url: Type.Optional(RtspUrl) }, strict);

/** Corners as fractions of the picture's width and height, from its upper left. */
const Fraction = Type.Number({ minimum: 0, maximum: 1 });
const Polygon = Type.Array(Type.Tuple([Fraction, Fraction]), { minItems: 3, maxItems: 32 });
const Polygons = Type.Array(Polygon, { maxItems: 16 });

export const CameraSection = Type.Object(
  {
    id: Slug,
    place: Slug,
    onvif: Onvif,
    streams: Type.Optional(
      Type.Object({ main: Type.Optional(StreamChoice), sub: Type.Optional(StreamChoice) }, strict),
    ),
    events: Type.Optional(Type.Boolean()),
    clock: Type.Optional(Type.Enum(['compensate', 'set'])),
    quirks: Type.Optional(Type.Array(Type.Enum(QUIRK_NAMES), { maxItems: QUIRK_NAMES.length })),
    capture: Type.Optional(
      Type.Object(
        {
          faces: Type.Optional(Type.Boolean()),
          plates: Type.Optional(Type.Boolean()),
          lane: Type.Optional(Polygon),
          gate: Type.Optional(Slug),
          // A single reading opens nothing.
          plateVotes: Type.Optional(Type.Integer({ minimum: 2, maximum: 10 })),
        },
        strict,
      ),
    ),
    recognition: Type.Optional(Type.Object({ accessPoint: Slug, gate: Type.Optional(Slug) }, strict)),
    motion: Type.Optional(
      Type.Object(
        {
          masks: Type.Optional(Polygons),
          zones: Type.Optional(Polygons),
          sensitivity: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
        },
        strict,
      ),
    ),
    patrols: Type.Optional(Type.Boolean()),
    recording: Type.Optional(
      Type.Object(
        {
          mode: Type.Enum(['continuous', 'events']),
          retentionDays: Type.Number({ exclusiveMinimum: 0, maximum: 400 }),
          maxMegabytes: Type.Integer({ minimum: 100, maximum: 100_000_000 }),
          // The ring of the main stream reaches ten seconds back.
          preRollSec: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
          postRollSec: Type.Optional(Type.Number({ minimum: 0, maximum: 600 })),
          triggers: Type.Optional(
            Type.Array(Type.Enum(RECORDING_TRIGGERS), { minItems: 1, maxItems: RECORDING_TRIGGERS.length }),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);

export const GateSection = Type.Object(
  {
    id: Slug,
    place: Slug,
    onvif: Onvif,
    allowedHosts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 8 })),
    failMode: FailMode,
    ...gateControlKeys,
  },
  strict,
);

export const EdgeConfigFile = Type.Object(
  {
    estate: Slug,
    agent: Slug,
    dataDir: Path,
    hub: Type.Object({ publicKeyFile: Path, url: Type.Optional(HttpUrl), caFile: Type.Optional(Path) }, strict),
    policy: Type.Optional(Type.Object({ credentialKeyFile: Path }, strict)),
    mqtt: Type.Object(
      {
        url: Type.String({ pattern: '^(mqtts?|wss?)://[^\\s@/]+(/[^\\s]*)?$', maxLength: 512 }),
        protocolVersion: Type.Optional(Type.Enum([4, 5])),
        caFile: Type.Optional(Path),
        ...login,
      },
      strict,
    ),
    media: Type.Object(
      {
        keyFile: Path,
        dir: Type.Optional(Path),
        retentionHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 30 * 24 })),
        maxMegabytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
      },
      strict,
    ),
    recordings: Type.Optional(
      Type.Object(
        {
          dir: Type.Optional(Path),
          minFreeMegabytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
        },
        strict,
      ),
    ),
    models: Type.Optional(Type.Object({ dir: Path }, strict)),
    faceTemplates: Type.Optional(Type.Object({ keyFile: Path }, strict)),
    outbox: Type.Optional(
      // What eight batches in flight may take, several times over, has to fit at least.
      Type.Object({ maxMegabytes: Type.Integer({ minimum: 16, maximum: 1_000_000 }) }, strict),
    ),
    cameras: Type.Optional(Type.Array(CameraSection, { maxItems: 64 })),
    gates: Type.Optional(Type.Array(GateSection, { maxItems: 64 })),
    readers: Type.Optional(Type.Array(readerSection(login), { maxItems: 128 })),
  },
  strict,
);
export type EdgeConfigFile = Static<typeof EdgeConfigFile>;
