export const time = {
  days: '{{days}} d {{hours}} h',
  hours: '{{hours}} h {{minutes}} min',
  minutes: '{{minutes}} min {{seconds}} s',
  minutesOnly: '{{minutes}} min',
  seconds: '{{seconds}} s',
  moment: '{{absolute}} ({{relative}})',
} as const;
