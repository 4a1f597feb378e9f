export const rules = {
  title: 'Alarm rules',
  hint: 'Which events need a response, how soon, and how the alarm ends. Rules of the file are changed in config/rules.yaml and read when the hub starts; those made here are in force on every copy of the hub within seconds.',
  create: 'New rule',
  none: 'No rules yet',
  file: 'File',
  database: 'Made here',
  origin: 'Origin',
  safety: 'Safety-critical',
  enabled: 'In force',
  disabled: 'Switched off',
  notInForce: 'Not in force',
  changed: 'Changed',
  look: 'Look',
  edit: 'Change',
  enable: 'Switch on',
  disable: 'Switch off',
  undo: 'Undo',
  switchedOff: '{{name}} is switched off',
  switchedOn: '{{name}} is switched on',
  noteOff: 'Switched off on the rules page',
  noteOn: 'Switched on on the rules page',
  noteUndo: 'Undone',
  yaml: 'Rule (YAML)',
  /** What a new rule may look like. */
  example:
    'id: many-people\n' +
    'on: [face.captured]\n' +
    'when: { place-kind: [entrance] }\n' +
    'count: { atLeast: 20, withinSec: 60 }\n' +
    'priority: low\n' +
    'title: { zh: "Many people at {place}", en: "Many people at {place}" }\n' +
    'key: "{place}"\n' +
    'clear: { afterMin: 5 }\n',
  line: 'Line {{line}}',
  note: 'Reason',
  noteMissing: 'Say why',
  save: 'Save',
  editTitle: 'Change rule {{name}}',
  lookTitle: 'Rule {{name}}',
  readOnly: 'This rule stands in the rules file: it can be looked at and tried here.',
  dryRun: 'Try it on history',
  dryRunHint: 'Tells from past events how many alarms this rule would have raised. Nothing is written.',
  days: 'Last {{count}} days',
  run: 'Dry run',
  stop: 'Stop',
  wouldHave: 'Would have raised {{count}} alarms',
  wouldHaveNone: 'Would have raised no alarm',
  looked: '{{events}} events looked at in {{seconds}} s',
  first: 'First alarms',
  perDay: 'Per day (UTC)',
  lasting: 'still lasting',
  more: 'and {{count}} more',
} as const;
