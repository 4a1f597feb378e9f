import {
  type Answer,
  envelope,
  fault,
  type HostileSoapServer,
  reply,
  startHostileSoapServer,
} from './hostile-soap-server.ts';

/** A gate controller whose lines a test moves by hand, on the hostile server, so that any of its answers can go wrong. */
export interface ScriptedGate {
  readonly server: HostileSoapServer;
  relay(state: 'active' | 'inactive'): void;
  contact(state: 'open' | 'closed'): void;
  /** Both in one reply, contact first: controllers do not promise an order. */
  contactThenRelay(contact: 'open' | 'closed', relay: 'active' | 'inactive'): void;
  /** Forgets every subscription, as after a reboot or another client's Unsubscribe. */
  dropSubscriptions(): void;
  countRequests(name: string): number;
  close(): Promise<void>;
}

const PULL_WAIT_MS = 400;

function notification(kind: 'Relay' | 'DigitalInput', state: string, operation: string): string {
  const source = kind === 'Relay' ? 'RelayToken" Value="relay-0' : 'InputToken" Value="input-0';
  return `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:Device/Trigger/${kind}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="2030-01-01T00:00:00Z" PropertyOperation="${operation}"><tt:Source><tt:SimpleItem Name="${source}"/></tt:Source><tt:Data><tt:SimpleItem Name="LogicalState" Value="${state}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;
}

/** Starts the controller: gate closed, relay inactive. */
export async function startScriptedGate(answers: Record<string, Answer> = {}): Promise<ScriptedGate> {
  let relayState: 'active' | 'inactive' = 'inactive';
  let isOpen = false;
  let subscription = 0;
  let queue: string[] = [];
  let wake: (() => void) | undefined;

  function push(...messages: string[]): void {
    queue.push(...messages);
    wake?.();
  }
  const present = (operation: string) => [
    notification('Relay', relayState, operation),
    notification('DigitalInput', String(isOpen), operation),
  ];
  const ifSubscribed =
    (answer: Answer): Answer =>
    (exchange) => {
      const { path, body } = exchange.request;
      const isCurrent =
        path === `/onvif/pull/${subscription}` &&
        body.includes(`<maker:Id xmlns:maker="urn:maker">${subscription}</maker:Id></s:Header>`);
      (isCurrent ? answer : reply(fault('ResourceUnknown', 'No such subscription'), 400))(exchange);
    };

  const server = await startHostileSoapServer({
    GetServices: ({ response, origin }) => {
      const service = (namespace: string, path: string) =>
        `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/${namespace}/wsdl</tds:Namespace><tds:XAddr>${origin}/onvif/${path}</tds:XAddr></tds:Service>`;
      response.end(
        envelope(
          `<tds:GetServicesResponse>${service('events', 'events')}${service('deviceIO', 'io')}</tds:GetServicesResponse>`,
        ),
      );
    },
    GetRelayOutputs: reply(
      envelope('<GetRelayOutputsResponse><RelayOutputs token="relay-0"/></GetRelayOutputsResponse>'),
    ),
    GetDigitalInputs: reply(
      envelope('<GetDigitalInputsResponse><DigitalInputs token="input-0"/></GetDigitalInputsResponse>'),
    ),
    CreatePullPointSubscription: ({ response, origin }) => {
      subscription += 1;
      queue = present('Initialized');
      response.end(
        envelope(
          `<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>${origin}/onvif/pull/${subscription}</Address><ReferenceParameters><maker:Id xmlns:maker="urn:maker">${subscription}</maker:Id></ReferenceParameters></SubscriptionReference></CreatePullPointSubscriptionResponse>`,
        ),
      );
    },
    PullMessages: ifSubscribed(({ response }) => {
      const send = () => {
        clearTimeout(timer);
        wake = undefined;
        const messages = queue.splice(0).join('').replaceAll('wsnt:', '');
        response.end(envelope(`<PullMessagesResponse>${messages}</PullMessagesResponse>`));
      };
      const timer = setTimeout(send, PULL_WAIT_MS);
      wake = send;
      if (queue.length > 0) send();
    }),
    SetSynchronizationPoint: ifSubscribed((exchange) => {
      if (queue.length === 0) push(...present('Initialized'));
      reply(envelope('<SetSynchronizationPointResponse/>'))(exchange);
    }),
    Renew: ifSubscribed(reply(envelope('<RenewResponse/>'))),
    Unsubscribe: ifSubscribed((exchange) => {
      subscription += 1;
      reply(envelope('<UnsubscribeResponse/>'))(exchange);
    }),
    ...answers,
  });

  return {
    server,
    relay(state) {
      relayState = state;
      push(notification('Relay', state, 'Changed'));
    },
    contact(state) {
      isOpen = state === 'open';
      push(notification('DigitalInput', String(isOpen), 'Changed'));
    },
    contactThenRelay(contact, relay) {
      isOpen = contact === 'open';
      relayState = relay;
      push(notification('DigitalInput', String(isOpen), 'Changed'), notification('Relay', relay, 'Changed'));
    },
    dropSubscriptions() {
      subscription += 1;
      wake?.();
    },
    countRequests: (name) => server.requests.filter((request) => request.name === name).length,
    close: () => server.close(),
  };
}
