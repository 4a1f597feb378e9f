import type { Device } from '../device/device.ts';
import { durationMs, terminationInMs } from './iso-duration.ts';
import type { EventSource } from './property-event.ts';
import { PullPoint } from './pull-point.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';
import { SoapFault } from './soap.ts';
import { text, type XmlNode } from './xml.ts';

/** As many as devices of this class allow. */
const MAX_PULL_POINTS = 10;
const DEFAULT_LIFETIME_MS = 60_000;
const MAX_LIFETIME_MS = 3_600_000;
const MAX_PULL_TIMEOUT_MS = 60_000;
const MAX_MESSAGE_LIMIT = 100;

const PULL_POINT_ACTION = 'http://www.onvif.org/ver10/events/wsdl/PullPointSubscription';
const EVENT_PORT_ACTION = 'http://www.onvif.org/ver10/events/wsdl/EventPortType';
const SUBSCRIPTION_ACTION = 'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager';

/**
 * A device's events: the service that opens pull points, and the pull points themselves (ONVIF Core, 9). A device that
 * loses its power forgets all subscriptions.
 */
export function createEventServices(device: Device, source: EventSource): readonly OnvifService[] {
  const pullPoints = new Map<string, PullPoint>();
  let nextNumber = 1;
  const sweep = () => {
    for (const [number, pullPoint] of pullPoints) {
      if (!pullPoint.isExpired) continue;
      pullPoint.close();
      pullPoints.delete(number);
    }
  };
  const get = (number: string): PullPoint => {
    sweep();
    const pullPoint = pullPoints.get(number);
    if (pullPoint === undefined) throw resourceUnknown();
    return pullPoint;
  };
  const lifetime = (body: XmlNode, element: string): number => {
    const asked = text(body, element);
    const lifetimeMs = asked === undefined ? DEFAULT_LIFETIME_MS : terminationInMs(asked, device.clock.nowMs());
    if (lifetimeMs === undefined || lifetimeMs <= 0) throw unacceptableTime();
    return Math.min(lifetimeMs, MAX_LIFETIME_MS);
  };
  const times = (pullPoint: PullPoint) =>
    `<wsnt:CurrentTime>${new Date(device.clock.nowMs()).toISOString()}</wsnt:CurrentTime><wsnt:TerminationTime>${pullPoint.terminationTime}</wsnt:TerminationTime>`;

  const eventService: OnvifService = {
    path: SERVICE_PATHS.events,
    actions: {
      GetEventProperties: `${EVENT_PORT_ACTION}/GetEventPropertiesResponse`,
      GetServiceCapabilities: `${EVENT_PORT_ACTION}/GetServiceCapabilitiesResponse`,
      CreatePullPointSubscription: `${EVENT_PORT_ACTION}/CreatePullPointSubscriptionResponse`,
    },
    operations: {
      GetServiceCapabilities: () =>
        `<tev:GetServiceCapabilitiesResponse><tev:Capabilities WSPullPointSupport="true" MaxPullPoints="${MAX_PULL_POINTS}"/></tev:GetServiceCapabilitiesResponse>`,
      GetEventProperties: () => eventProperties(source.topicSet),
      CreatePullPointSubscription: (body, { baseUrl }) => {
        sweep();
        if (pullPoints.size >= MAX_PULL_POINTS || device.hasFault('drop-subscriptions')) throw tooManyPullPoints();
        const number = String(nextNumber++);
        const lifetimeMs = lifetime(body, 'InitialTerminationTime');
        const pullPoint = new PullPoint({ source, device, lifetimeMs });
        pullPoints.set(number, pullPoint);
        return (
          `<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>${baseUrl}${SERVICE_PATHS.pullPoint}${number}</wsa:Address></tev:SubscriptionReference>` +
          `${times(pullPoint)}</tev:CreatePullPointSubscriptionResponse>`
        );
      },
    },
  };

  const pullPointService: OnvifService = {
    path: SERVICE_PATHS.pullPoint,
    actions: {
      PullMessages: `${PULL_POINT_ACTION}/PullMessagesResponse`,
      SetSynchronizationPoint: `${PULL_POINT_ACTION}/SetSynchronizationPointResponse`,
      Renew: `${SUBSCRIPTION_ACTION}/RenewResponse`,
      Unsubscribe: `${SUBSCRIPTION_ACTION}/UnsubscribeResponse`,
    },
    operations: {
      PullMessages: async (body, { resource, signal }) => {
        const pullPoint = get(resource);
        const timeoutMs = durationMs(text(body, 'Timeout') ?? 'PT10S');
        const limit = Number(text(body, 'MessageLimit') ?? '10');
        if (timeoutMs === undefined || timeoutMs > MAX_PULL_TIMEOUT_MS || !(limit >= 1)) throw pullFault();
        const messages = await pullPoint.pull(timeoutMs, Math.min(limit, MAX_MESSAGE_LIMIT), signal);
        return (
          `<tev:PullMessagesResponse><tev:CurrentTime>${new Date(device.clock.nowMs()).toISOString()}</tev:CurrentTime>` +
          `<tev:TerminationTime>${pullPoint.terminationTime}</tev:TerminationTime>${messages.join('')}</tev:PullMessagesResponse>`
        );
      },
      SetSynchronizationPoint: (_, { resource }) => {
        get(resource).synchronize();
        return '<tev:SetSynchronizationPointResponse/>';
      },
      Renew: (body, { resource }) => {
        const pullPoint = get(resource);
        pullPoint.renew(lifetime(body, 'TerminationTime'));
        return `<wsnt:RenewResponse><wsnt:TerminationTime>${pullPoint.terminationTime}</wsnt:TerminationTime><wsnt:CurrentTime>${new Date(device.clock.nowMs()).toISOString()}</wsnt:CurrentTime></wsnt:RenewResponse>`;
      },
      Unsubscribe: (_, { resource }) => {
        get(resource).close();
        pullPoints.delete(resource);
        return '<wsnt:UnsubscribeResponse/>';
      },
    },
  };

  const forget = (): void => {
    for (const pullPoint of pullPoints.values()) pullPoint.close();
    pullPoints.clear();
  };
  device.events.on('cut', ({ isUnplugged }) => isUnplugged && forget());
  device.events.on('subscriptions-dropped', forget);
  return [eventService, pullPointService];
}

function eventProperties(topicSet: string): string {
  return (
    '<tev:GetEventPropertiesResponse><tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>' +
    `<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>${topicSet}</wstop:TopicSet>` +
    '<wsnt:TopicExpressionDialect>http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet</wsnt:TopicExpressionDialect>' +
    '<wsnt:TopicExpressionDialect>http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete</wsnt:TopicExpressionDialect>' +
    '<tev:MessageContentFilterDialect>http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter</tev:MessageContentFilterDialect>' +
    '<tev:MessageContentSchemaLocation>http://www.onvif.org/onvif/ver10/schema/onvif.xsd</tev:MessageContentSchemaLocation></tev:GetEventPropertiesResponse>'
  );
}

/** WS-BaseNotification 1.3, 6.1: the fault of operations on a subscription that is not there. */
const resourceUnknown = () =>
  new SoapFault({
    subcodes: ['ter:InvalidArgVal', 'ter:ResourceUnknownFault'],
    reason: 'There is no such subscription',
  });

const unacceptableTime = () =>
  new SoapFault({
    subcodes: ['ter:InvalidArgVal', 'ter:UnacceptableTerminationTimeFault'],
    reason: 'The termination time is not acceptable',
  });

const pullFault = () =>
  new SoapFault({
    subcodes: ['ter:InvalidArgVal', 'ter:PullMessagesFaultResponse'],
    reason: `Timeout is at most PT${MAX_PULL_TIMEOUT_MS / 1_000}S and MessageLimit at least 1`,
  });

const tooManyPullPoints = () =>
  new SoapFault({
    subcodes: ['ter:Action', 'ter:SubscribeCreationFailedFault'],
    reason: 'Too many subscriptions',
    blame: 'Receiver',
  });
