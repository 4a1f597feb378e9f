export const session = {
  title: '登录',
  name: '用户名',
  password: '密码',
  nameMissing: '请输入用户名',
  passwordMissing: '请输入密码',
  submit: '登录',
  hint: '首次启动时，管理员密码显示在启动程序的终端里。',
  ended: '登录已失效，请重新登录。',
  privacy: '查看抓拍人像须说明理由，每次查看都会留痕。',
} as const;
