import { Slug } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };

/** A reader that tells over MQTT, on a broker of the estate's own. */
export const MqttReader = Type.Object(
  {
    kind: Type.Literal('mqtt'),
    /** What is read here is a request at this access point. */
    id: Slug,
    accessPoint: Slug,
    url: Type.String({ pattern: '^(mqtts?|wss?)://[^\\s@]+$', maxLength: 512 }),
    /** Default: `readers/{id}/credential`. No wildcards: whoever may publish there opens doors. */
    topic: Type.Optional(Type.String({ pattern: '^[^+#]+$', maxLength: 256 })),
    protocolVersion: Type.Optional(Type.Enum([4, 5])),
    username: Type.Optional(Type.String({ maxLength: 128 })),
    password: Type.Optional(Type.String({ maxLength: 256 })),
    /** PEM of the authority that vouches for the broker. */
    ca: Type.Optional(Type.String({ maxLength: 65_536 })),
  },
  strict,
);
export type MqttReader = Static<typeof MqttReader>;

/** A reader that a gate's controller tells of, by ONVIF events. */
export const OnvifReader = Type.Object(
  {
    kind: Type.Literal('onvif'),
    id: Slug,
    accessPoint: Slug,
    /** The gate whose controller tells. */
    device: Slug,
    /** The controller's own name of the access point (`AccessPointToken`). Default: any. */
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  strict,
);
export type OnvifReader = Static<typeof OnvifReader>;

export const ReaderConfig = Type.Union([MqttReader, OnvifReader]);
export type ReaderConfig = Static<typeof ReaderConfig>;
