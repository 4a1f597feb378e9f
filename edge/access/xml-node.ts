/** An element as fast-xml-parser gives it: its text, or an object of children (arrays when repeated) and `@attributes`. */
export type XmlNode = unknown;

/** All children of that local name, in document order. */
export function children(node: XmlNode, name: string): XmlNode[] {
  if (node === null || typeof node !== 'object' || !Object.hasOwn(node, name)) return [];
  const found = (node as Record<string, unknown>)[name];
  return Array.isArray(found) ? found : [found];
}

/** The descendant at the end of a path of first children, or undefined. */
export function descend(node: XmlNode, ...names: readonly string[]): XmlNode {
  return names.reduce((parent, name) => children(parent, name)[0], node);
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Entities are off in the parser, so no document can define its own. Only the five predefined ones and characters by
 * number (XML 1.0 §4.1, §4.6) are read, once each: what they stand for is not looked at again.
 */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return PREDEFINED[name] ?? whole;
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The text of an element; undefined when it is absent or empty. */
export function textOf(node: XmlNode): string | undefined {
  const text = typeof node === 'string' ? node : descend(node, '#text');
  return typeof text === 'string' && text !== '' ? decodeEntities(text) : undefined;
}

/** The value of an attribute, or undefined. */
export function attributeOf(node: XmlNode, name: string): string | undefined {
  const value = descend(node, `@${name}`);
  return typeof value === 'string' ? decodeEntities(value) : undefined;
}
