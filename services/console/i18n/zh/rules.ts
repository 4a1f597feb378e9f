export const rules = {
  title: '告警规则',
  hint: '哪些事件需要处置、多快、告警如何结束。文件中的规则在 config/rules.yaml 修改，重启中枢后生效；此处新建的规则数秒内在各中枢生效。',
  create: '新建规则',
  none: '还没有规则',
  file: '文件',
  database: '此处',
  origin: '来源',
  safety: '安全关键',
  enabled: '启用中',
  disabled: '已停用',
  notInForce: '未生效',
  changed: '修改',
  look: '查看',
  edit: '修改',
  enable: '启用',
  disable: '停用',
  undo: '撤销',
  switchedOff: '已停用 {{name}}',
  switchedOn: '已启用 {{name}}',
  noteOff: '在规则页停用',
  noteOn: '在规则页启用',
  noteUndo: '撤销',
  yaml: '规则（YAML）',
  /** What a new rule may look like. */
  example:
    'id: many-people\n' +
    'on: [face.captured]\n' +
    'when: { place-kind: [entrance] }\n' +
    'count: { atLeast: 20, withinSec: 60 }\n' +
    'priority: low\n' +
    'title: { zh: "{place}人员聚集", en: "Many people at {place}" }\n' +
    'key: "{place}"\n' +
    'clear: { afterMin: 5 }\n',
  line: '第 {{line}} 行',
  note: '原因',
  noteMissing: '请说明原因',
  save: '保存',
  editTitle: '修改规则 {{name}}',
  lookTitle: '规则 {{name}}',
  readOnly: '此规则在规则文件中，只能查看和试运行。',
  dryRun: '用历史数据试运行',
  dryRunHint: '按过去的事件推算这条规则会产生多少告警，不写入任何数据。',
  days: '最近 {{count}} 天',
  run: '试运行',
  stop: '停止',
  wouldHave: '会产生 {{count}} 个告警',
  wouldHaveNone: '不会产生告警',
  looked: '查看了 {{events}} 个事件，用时 {{seconds}} 秒',
  first: '最早的告警',
  perDay: '每天（UTC）',
  lasting: '未结束',
  more: '另有 {{count}} 个',
} as const;
