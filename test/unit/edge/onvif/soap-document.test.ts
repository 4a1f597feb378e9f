import { timeSettingsFrom, zoneOffsetMs } from '@dipper/edge/onvif/device-time';
import { OnvifError } from '@dipper/edge/onvif/errors';
import { notificationsFrom } from '@dipper/edge/onvif/event-notification';
import { topicsFrom } from '@dipper/edge/onvif/event-topics';
import { referenceParametersFrom } from '@dipper/edge/onvif/reference-parameters';
import { soapBodyFrom } from '@dipper/edge/onvif/soap-document';
import { child, textOf } from '@dipper/edge/onvif/soap-node';
import { describe, expect, test } from 'vitest';
import { craftedNamespaces, craftedNesting, envelope } from '../../../support/hostile-soap-server.ts';

const pulled = envelope(
  '<tev:PullMessagesResponse><wsnt:NotificationMessage><wsnt:Topic>tns1:RuleEngine/CellMotionDetector/Motion</wsnt:Topic>' +
    '<wsnt:Message><tt:Message UtcTime="2026-11-24T08:00:00Z" PropertyOperation="Changed"><tt:Source><tt:SimpleItem Name="Rule" Value="a &amp; b"/></tt:Source>' +
    '<tt:Data><tt:SimpleItem Name="IsMotion" Value="true"/><tt:ElementItem Name="Shape"><tt:Polygon/></tt:ElementItem></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></tev:PullMessagesResponse>',
);
const notifications = (xml: string) => notificationsFrom(child(soapBodyFrom(xml), 'pullMessagesResponse'));

test('a notification is read with its words as the device wrote them, and without its elements', () => {
  expect(notifications(pulled)).toEqual([
    {
      topic: 'RuleEngine/CellMotionDetector/Motion',
      rawTopic: 'tns1:RuleEngine/CellMotionDetector/Motion',
      operation: 'Changed',
      toldAtMs: Date.UTC(2026, 10, 24, 8),
      source: { Rule: 'a & b' },
      data: { IsMotion: 'true' },
      isEmpty: false,
    },
  ]);
});

test('the five names and numbers of characters are decoded, and nothing else is', () => {
  const body = soapBodyFrom(envelope('<a>&lt;&#20540;&#x73ed;&gt; &amp;lt; &#0; &#xd800; &lol9; &constructor;</a>'));
  expect(textOf(child(body, 'a'))).toBe('<值班> &lt; &#0; &#xd800; &lol9; &constructor;');
});

describe('what is no reply', () => {
  test.each([
    ['cut short', pulled.slice(0, -3)],
    ['cut in the middle of a tag', pulled.slice(0, 400)],
    ['empty', ''],
    ['too deep', craftedNesting(100_000)],
    ['without a body', '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"></s:Envelope>'],
  ])('%s', (_name, xml) => {
    expect(() => soapBodyFrom(xml)).toThrow(expect.objectContaining({ code: 'ONVIF_REPLY_INVALID' }));
  });

  test('128 KB of any kind keep the parser busy for no time that matters', () => {
    const unclosed = `${'<a b="c">'.repeat(14_000)}</s:Envelope>`;
    const items = '<tt:SimpleItem Name="a" Value="b"/>'.repeat(3_600);
    const hostile = [craftedNamespaces(128_000), craftedNesting(128_000), unclosed, envelope(`<x>${items}</x>`)];
    hostile.push(envelope(`<x>${'&amp;'.repeat(25_000)}</x>`), envelope(`<x${' a="b"'.repeat(20_000)}/>`));
    for (const xml of hostile) {
      const startedAtMs = process.cpuUsage().user / 1000;
      try {
        soapBodyFrom(xml);
      } catch (error) {
        expect(error).toBeInstanceOf(OnvifError);
      }
      referenceParametersFrom(xml);
      expect(process.cpuUsage().user / 1000 - startedAtMs).toBeLessThan(2_000);
    }
  });
});

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test('mutilated replies end in a named error or in data of the expected shape', () => {
  const random = seeded(20261124);
  const pick = (length: number) => Math.floor(random() * length);
  const pieces = [
    '<',
    '>',
    '"',
    '&',
    '&#',
    '</s:Envelope>',
    '<![CDATA[',
    '<!--',
    ']]>',
    '__proto__',
    '\0',
    '\ud800',
    ' xmlns:a="',
  ];
  for (let round = 0; round < 1_500; round += 1) {
    let xml = pulled;
    for (let edits = 1 + pick(4); edits > 0; edits -= 1) {
      const at = pick(xml.length);
      const piece =
        random() < 0.5 ? (pieces[pick(pieces.length)] ?? '') : xml.slice(pick(xml.length)).slice(0, pick(200));
      xml = xml.slice(0, at) + piece + xml.slice(at + pick(random() < 0.5 ? 1 : 60));
    }
    try {
      const body = soapBodyFrom(xml);
      for (const { topic, source, data } of notificationsFrom(child(body, 'pullMessagesResponse'))) {
        expect(topic.length).toBeLessThanOrEqual(256);
        for (const value of Object.values({ ...source, ...data })) expect(value.length).toBeLessThanOrEqual(256);
      }
      topicsFrom(body);
      timeSettingsFrom(body);
    } catch (error) {
      expect(error, xml).toBeInstanceOf(OnvifError);
    }
    referenceParametersFrom(xml);
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a zone east of Greenwich is written with a minus in POSIX', () => {
  const cases = { 'CST-8': 8, UTC0: 0, 'EST5EDT,M3.2.0,M11.1.0': -5, '<+0530>-5:30': 5.5, nonsense: undefined };
  for (const [zone, hours] of Object.entries(cases)) {
    expect(zoneOffsetMs(zone), zone).toBe(hours === undefined ? undefined : hours * 3_600_000);
  }
});
