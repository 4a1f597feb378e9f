export const time = {
  days: '{{days}} 天 {{hours}} 小时',
  hours: '{{hours}} 小时 {{minutes}} 分',
  minutes: '{{minutes}} 分 {{seconds}} 秒',
  minutesOnly: '{{minutes}} 分钟',
  seconds: '{{seconds}} 秒',
  moment: '{{absolute}}（{{relative}}）',
} as const;
