import { Slug } from '@dipper/contract/identifiers';
import { type Static, type TProperties, Type } from 'typebox';
import type { ReaderConfig } from '../../access/readers/reader-config.ts';

const strict = { additionalProperties: false };

/** A reader of cards, codes or PINs at an access point of the policy. @param login how a section says who to log in as */
export function readerSection<L extends TProperties>(login: L) {
  return Type.Object(
    {
      id: Slug,
      accessPoint: Slug,
      mqtt: Type.Optional(
        Type.Object(
          {
            url: Type.String({ pattern: '^(mqtts?|wss?)://[^\\s@/]+(/[^\\s]*)?$', maxLength: 512 }),
            topic: Type.Optional(Type.String({ pattern: '^[^+#]+$', maxLength: 256 })),
            protocolVersion: Type.Optional(Type.Enum([4, 5])),
            caFile: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })),
            ...login,
          },
          strict,
        ),
      ),
      onvif: Type.Optional(
        Type.Object({ gate: Slug, token: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) }, strict),
      ),
    },
    strict,
  );
}
type ReaderSection = Static<ReturnType<typeof readerSection<Record<never, never>>>>;

/** What reading a section needs of the file around it. */
export interface ReaderSurroundings {
  readonly gates: ReadonlySet<string>;
  /** Login and certificate of the reader's broker. */
  readonly secrets: { readonly username?: string; readonly password?: string; readonly ca?: string };
  readonly complain: (what: string) => void;
}

/** One reader, as the gate process takes it; undefined where something is wrong with it. */
export function readerFrom(section: ReaderSection, around: ReaderSurroundings): ReaderConfig | undefined {
  const { id, accessPoint, mqtt, onvif } = section;
  if ((mqtt === undefined) === (onvif === undefined)) {
    around.complain('tells by mqtt or by onvif: give one of the two');
    return undefined;
  }
  if (onvif !== undefined) {
    if (!around.gates.has(onvif.gate)) around.complain(`hangs on a gate '${onvif.gate}', which is not here`);
    const { gate: device, token } = onvif;
    return { kind: 'onvif', id, accessPoint, device, ...(token !== undefined && { token }) };
  }
  if (mqtt === undefined) return undefined;
  const { url, topic, protocolVersion } = mqtt;
  return {
    ...{ kind: 'mqtt', id, accessPoint, url },
    ...(topic !== undefined && { topic }),
    ...(protocolVersion !== undefined && { protocolVersion }),
    ...around.secrets,
  };
}
