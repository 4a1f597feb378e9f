export const time = {
  days: '{{days}} 天 {{hours}} 小时',
  hours: '{{hours}} 小时 {{minutes}} 分',
  minutes: '{{minutes}} 分 {{seconds}} 秒',
  seconds: '{{seconds}} 秒',
  now: '刚刚',
  moment: '{{absolute}}（{{relative}}）',
} as const;
