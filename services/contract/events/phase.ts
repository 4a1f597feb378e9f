import { Type } from 'typebox';

/** Something that lasts is told twice: when it starts and when it ends. */
export const Phase = Type.Enum(['started', 'ended']);
