/** 连接的数据迹象。 */
export const signs = {
  signs: {
    title: '数据迹象',
    silent: '安静得可疑',
    usual: '与往常一样',
    noHabit: '历史太短，还不知道往常如何。',
    expected: '距上一单已 {{span}}，往周同一时段通常有 {{count}} 单。',
    nothingWaits: '没有积压',
    waits: '积压 {{count}}',
    parts: '原文 {{documents}}、待读订单 {{fetches}}、待写 {{writes}}',
    drains: '按每分钟 {{rate}} 条，约 {{span}} 处理完',
    stands: '十分钟内没有进展',
  },
} as const
