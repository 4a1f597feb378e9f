import type { InputLines } from '@dipper/edge/access/gate-lines';
import { notificationsFrom } from '@dipper/edge/access/notification';
import { relaySignalsFrom } from '@dipper/edge/access/relay-control';
import { soapBodyFrom } from '@dipper/edge/access/soap-reply';
import { descend } from '@dipper/edge/access/xml-node';
import { expect, test } from 'vitest';

const inputs: InputLines = new Map([['in & out', { role: 'contact', activeWhen: false }]]);

function notify(topic: string, token: string, state: string): string {
  return `<w:NotificationMessage><w:Topic Dialect="d"> ${topic} </w:Topic><w:Message><t:Message UtcTime="x" PropertyOperation="Changed"><t:Source><t:SimpleItem Name="${topic.endsWith('Relay') ? 'RelayToken' : 'InputToken'}" Value="${token}"/></t:Source><t:Data><t:SimpleItem Name="LogicalState" Value="${state}"/><t:SimpleItem Name="Other" Value="1"/></t:Data></t:Message></w:Message></w:NotificationMessage>`;
}

function signals(...notifications: string[]) {
  const text = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><v:PullMessagesResponse>${notifications.join('')}</v:PullMessagesResponse></e:Body></e:Envelope>`;
  const body = soapBodyFrom({ status: 200, challenges: [], location: undefined, text });
  return notificationsFrom(descend(body, 'PullMessagesResponse')).map((each) => relaySignalsFrom(each, '00', inputs));
}

test('relay and contact are read whatever their prefixes, tokens stay strings, entities are decoded once', () => {
  expect(
    signals(
      notify('tns1:Device/Trigger/tns1:Relay', '00', 'active'),
      notify('tns1:Device/Trigger/Relay', '0', 'active'),
      notify('tns1:Device/Trigger/DigitalInput', 'in &#38; out', '1'),
      notify('Device/Trigger/DigitalInput', 'in &amp; out', 'false'),
      notify('tns1:Device/Trigger/DigitalInput', 'in &amp;amp; out', 'false'),
      notify('tns1:VideoSource/MotionAlarm', '00', 'true'),
      notify('tns1:Device/Trigger/Relay', '00', 'perhaps'),
    ),
  ).toEqual([
    [{ line: 'relay', state: 'active' }],
    [],
    [{ line: 'contact', state: 'closed' }],
    [{ line: 'contact', state: 'open' }],
    [],
    [],
    [],
  ]);
});

test('no news is no notification', () => {
  expect(signals()).toEqual([]);
});
