import { child, type SoapNode } from './soap-node.ts';

const MAX_TOPICS = 200;
const MAX_DEPTH = 8;

function attributeNames(node: SoapNode): string[] {
  const attributes = child(node, '$');
  return attributes !== null && typeof attributes === 'object' ? Object.keys(attributes) : [];
}

/**
 * The topics in the body of a GetEventProperties reply, `RuleEngine/CellMotionDetector/Motion`: leaves of the topic set, and
 * whatever says `topic="true"` (WS-Topics 1.3 §7). The first letter of each level is written large, as the standard's are.
 */
export function topicsFrom(body: SoapNode): string[] {
  const topics: string[] = [];
  const walk = (node: SoapNode, path: readonly string[]): void => {
    if (node === null || typeof node !== 'object' || path.length > MAX_DEPTH || topics.length >= MAX_TOPICS) return;
    const names = Object.keys(node).filter((name) => name !== '$' && name !== '_' && name !== 'messageDescription');
    if (path.length > 0 && (names.length === 0 || attributeNames(node).includes('topic'))) topics.push(path.join('/'));
    for (const name of names) {
      const below = (node as Record<string, SoapNode>)[name];
      const level = name.charAt(0).toUpperCase() + name.slice(1);
      for (const each of Array.isArray(below) ? below : [below]) walk(each, [...path, level]);
    }
  };
  walk(child(child(body, 'getEventPropertiesResponse'), 'topicSet'), []);
  return topics;
}
