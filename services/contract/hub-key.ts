import { type Static, Type } from 'typebox';

/** The public half of a signing key of the hub: Ed25519 as a JWK (RFC 8037), nothing besides. */
export const HubKey = Type.Object(
  {
    kty: Type.Literal('OKP'),
    crv: Type.Literal('Ed25519'),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', examples: ['11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'] }),
  },
  { additionalProperties: false },
);
export type HubKey = Static<typeof HubKey>;

/** What a key is called: its thumbprint (RFC 7638, SHA-256). */
export const HubKeyId = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  examples: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
});
