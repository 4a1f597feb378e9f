import { XMLParser } from 'fast-xml-parser';

/** An element without namespace prefixes: children by name, attributes by `@name`, text of leaves as a string. */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] } | undefined;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
});

/** @returns undefined for anything that is not well-formed XML, or that declares a document type (no SOAP message may) */
export function parseXml(text: string): XmlNode {
  if (/<!DOCTYPE/i.test(text)) return undefined;
  try {
    return parser.parse(text, true) as XmlNode;
  } catch {
    return undefined;
  }
}

/** Follows child names down; of repeated elements the first. */
export function child(node: XmlNode, ...path: readonly string[]): XmlNode {
  let current = node;
  for (const name of path) {
    if (current === undefined || typeof current === 'string') return undefined;
    const next = current[name];
    current = Array.isArray(next) ? (next[0] as XmlNode) : (next as XmlNode);
  }
  return current;
}

/** The text of a leaf, with or without attributes; undefined if there is none. */
export function text(node: XmlNode, ...path: readonly string[]): string | undefined {
  const found = child(node, ...path);
  if (typeof found === 'string') return found;
  const inner = child(found, '#text');
  return typeof inner === 'string' ? inner : undefined;
}

/** Escapes text for element content and attribute values. */
export function escapeXml(value: string | number | boolean): string {
  return String(value).replaceAll(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
