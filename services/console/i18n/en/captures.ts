export const captures = {
  title: 'View captured face',
  why: 'Why do you need to see it?',
  audit:
    'Your name, the time and the reason go on record. The picture is shown in this window only and leaves memory when it closes.',
  reasons: {
    verify: 'To see whether the alarm is real',
    identify: 'To recognise the person on the spot',
    resident: 'The resident asked for it',
    police: 'Lawful request of the police',
    other: 'Another reason',
  },
  detail: 'Details (optional)',
  detailNeeded: 'Say why, in at least 4 characters',
  submit: 'View',
  loading: 'Fetching the picture from the edge…',
  picture: 'Captured face',
  closesIn: 'Closes in {{seconds}} s',
  stay: '60 s more',
  availableUntil: 'Kept until {{time}}, then deleted',
  none: 'This capture has left no picture',
  offline:
    'The picture lies on the estate’s edge agent, which is offline. It is not lost: try again once the agent is back.',
  again: 'Ask again',
} as const;
