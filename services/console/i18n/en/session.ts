export const session = {
  title: 'Sign in',
  name: 'Name',
  password: 'Password',
  nameMissing: 'Enter your name',
  passwordMissing: 'Enter your password',
  submit: 'Sign in',
  hint: 'At the first start, the administrator’s password is printed in the terminal.',
  ended: 'Your session has ended. Sign in again.',
  privacy: 'Looking at a captured face needs a reason, and every look is on record.',
} as const;
