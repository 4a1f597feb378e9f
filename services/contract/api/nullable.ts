import { type TSchema, Type } from 'typebox';

/** A property that is always there and may be null, so that a reader sees what is not known. */
export function nullable<const T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}
