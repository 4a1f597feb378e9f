export const time = {
  days: '{{days}} d {{hours}} h',
  hours: '{{hours}} h {{minutes}} min',
  minutes: '{{minutes}} min {{seconds}} s',
  seconds: '{{seconds}} s',
  now: 'just now',
  moment: '{{absolute}} ({{relative}})',
} as const;
