import { type Static, Type } from 'typebox';

/** By what somebody asks to be let through. A button names nobody. */
export const AccessFactor = Type.Enum(['plate', 'card', 'qr', 'pin', 'face', 'button']);
export type AccessFactor = Static<typeof AccessFactor>;
