import type { Priority } from '@dipper/contract/api/alarm';
import type { MessageType } from '@dipper/contract/api/webhook';
import type { ToldSubject } from './told-subject.ts';

/** What a person in a chat is told. */
export interface ChatNotice {
  readonly type: MessageType | 'webhook.test';
  /** Absent for a test. */
  readonly subject: ToldSubject | undefined;
  /** Of `alarm.unseen`: how long nobody has acknowledged it, minutes. */
  readonly unseenForMin: number | undefined;
  readonly language: 'zh' | 'en';
  readonly timeZone: string;
  /** Where people reach the hub; undefined: no link. */
  readonly publicUrl: string | undefined;
}

/** developer.work.weixin.qq.com/document/path/91770: `markdown.content` holds at most 4,096 bytes of UTF-8. */
const WECOM_MAX_BYTES = 4_096;
/** The three colours that WeCom knows. */
const WECOM_COLOURS = { critical: 'warning', high: 'warning', medium: 'info', low: 'comment' } as const;

const WORDS = {
  zh: {
    priority: { critical: '紧急', high: '高', medium: '中', low: '低' },
    type: {
      'alarm.created': '新告警',
      'alarm.updated': '告警变化',
      'alarm.unseen': '告警无人确认',
      'incident.created': '新事件',
      'incident.updated': '事件变化',
      'case.created': '新网格事件',
      'case.updated': '网格事件变化',
      'event.created': '设备上报',
      'webhook.test': '测试消息',
    },
    place: '地点',
    time: '时间',
    number: '编号',
    state: '状态',
    acknowledged: '已确认',
    cleared: '已解除',
    waiting: '待确认',
    unseen: (minutes: number) => `已 ${minutes} 分钟无人确认，请立即处理`,
    open: '打开',
    test: '收到此消息说明配置正确。',
    states: {
      reported: '上报',
      established: '立案',
      dispatched: '交办',
      accepted: '接收',
      handled: '处置',
      verified: '核查',
      closed: '结案',
      voided: '作废',
      merged: '并案',
    },
  },
  en: {
    priority: { critical: 'critical', high: 'high', medium: 'medium', low: 'low' },
    type: {
      'alarm.created': 'New alarm',
      'alarm.updated': 'Alarm changed',
      'alarm.unseen': 'Alarm not acknowledged',
      'incident.created': 'New incident',
      'incident.updated': 'Incident changed',
      'case.created': 'New case',
      'case.updated': 'Case changed',
      'event.created': 'Event',
      'webhook.test': 'Test message',
    },
    place: 'Place',
    time: 'Time',
    number: 'Number',
    state: 'State',
    acknowledged: 'acknowledged',
    cleared: 'cleared',
    waiting: 'waiting for somebody',
    unseen: (minutes: number) => `Nobody has acknowledged it for ${minutes} min`,
    open: 'Open',
    test: 'This message arrived: the settings are right.',
    states: {},
  },
} as const;

/** Body for a WeCom group robot (企业微信群机器人): `msgtype: markdown`. */
export function weComBody(notice: ChatNotice): string {
  const { heading, lines, link } = textOf(notice);
  const priority = notice.subject?.priority ?? null;
  const colour = priority === null ? 'comment' : WECOM_COLOURS[priority];
  const content = [
    `### <font color="${colour}">${heading}</font>`,
    ...lines.map((line) => `> ${line}`),
    ...(link === undefined ? [] : [link]),
  ].join('\n');
  return JSON.stringify({ msgtype: 'markdown', markdown: { content: cut(content, WECOM_MAX_BYTES) } });
}

/** Body for a DingTalk robot (钉钉自定义机器人): `msgtype: markdown`, whose title shows in the list of chats. */
export function dingTalkBody(notice: ChatNotice): string {
  const { heading, lines, link } = textOf(notice);
  const text = [`### ${heading}`, ...lines.map((line) => `- ${line}`), ...(link === undefined ? [] : ['', link])];
  return JSON.stringify({ msgtype: 'markdown', markdown: { title: heading, text: text.join('\n') } });
}

/** How a robot answers: HTTP 200 whatever happened, with the outcome inside. */
export function robotErrorOf(body: string): number | undefined {
  try {
    const { errcode } = JSON.parse(body) as { errcode?: unknown };
    return typeof errcode === 'number' && errcode !== 0 ? errcode : undefined;
  } catch {
    return undefined;
  }
}

function textOf({ type, subject, unseenForMin, language, timeZone, publicUrl }: ChatNotice) {
  const words = WORDS[language];
  const priority: Priority | null = subject?.priority ?? null;
  const title = subject?.title?.[language] ?? null;
  const mark = priority === null ? '' : language === 'zh' ? `【${words.priority[priority]}】` : `[${priority}] `;
  const heading = `${mark}${words.type[type]}${title === null ? '' : `${language === 'zh' ? '：' : ': '}${plain(title)}`}`;
  if (subject === undefined) return { heading, lines: [words.test], link: undefined };
  const { data, placeName, place, at } = subject;
  const where = placeName?.[language] ?? place;
  const lines = [
    ...(typeof data['number'] === 'string' ? [`${words.number}: ${plain(data['number'])}`] : []),
    ...(subject.eventType === null ? [] : [`${plain(subject.eventType)}`]),
    ...(where === null ? [] : [`${words.place}: ${plain(where)}`]),
    `${words.time}: ${timeIn(timeZone, at)}`,
    ...stateLines(subject, language),
    ...(unseenForMin === undefined ? [] : [words.unseen(unseenForMin)]),
  ];
  const path = subject.kind === 'case' ? `/cases/${subject.id}` : '/';
  return { heading, lines, link: publicUrl === undefined ? undefined : `[${words.open}](${publicUrl}${path})` };
}

function stateLines({ kind, data }: ToldSubject, language: 'zh' | 'en'): string[] {
  const words = WORDS[language];
  if (kind === 'case' && typeof data['state'] === 'string') {
    const names: Readonly<Record<string, string>> = words.states;
    return [`${words.state}: ${names[data['state']] ?? plain(data['state'])}`];
  }
  if (kind !== 'alarm') return [];
  const state = data['acknowledged'] === true ? words.acknowledged : words.waiting;
  return [`${words.state}: ${data['active'] === true ? state : `${words.cleared}, ${state}`}`];
}

/** Names come from configuration; what they hold is shown, never read as markup or as somebody to call (`<@…>`). */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]()<>#|~@]/g, (sign) => FULL_WIDTH[sign] ?? '').replace(/\s+/g, ' ');
}

/** Neither robot documents a way to escape: the full-width forms look the same and mean nothing. */
const FULL_WIDTH: Readonly<Record<string, string>> = Object.fromEntries(
  [...'\\`*_[]()<>#|~@'].map((sign) => [sign, String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)]),
);

function timeIn(timeZone: string, at: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
}

/** As much of a text as fits into a number of bytes, whole characters only. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
