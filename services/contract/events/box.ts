import { type Static, Type } from 'typebox';

/** A box as fractions of the picture it lies in: 0 is left or top, 1 is right or bottom. */
export const Box = Type.Object(
  {
    x: Type.Number({ minimum: 0, maximum: 1 }),
    y: Type.Number({ minimum: 0, maximum: 1 }),
    width: Type.Number({ minimum: 0, maximum: 1 }),
    height: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
);
export type Box = Static<typeof Box>;
