/** 值从哪里来。 */
export const explain = {
  explain: {
    looking: '正在试算哪些字段决定这个值…',
    own: '这个值由系统自己产生（商品绑定、库存、发货），与原文无关。',
    failed: '暂时查不出这个值的来源。',
    absent: '原文中没有',
    tried: '若为 {{put}}，则得 {{gave}}',
    more: '另有 {{count}} 处',
    rounded: '保留 {{places}} 位小数',
    offset: '时区偏移 {{hours}} 小时',
    incomplete: '原文太大，未能逐一试完：可能还有别的来源。',
    insufficient: '原文中还有别的字段参与。',
    otherMapping: '入库时由 {{then}} 转换；此处按现行 {{now}} 解释。',
    before: '此前：',
    version: '第 {{version}} 版',
    by: '{{mapping}}，订单第 {{version}} 版',
  },
  explainStep: {
    constant: '此类原文一律如此。',
    copy: '原样取用。',
    time: '时间，换算为 UTC。',
    formula: '计算得出：',
    table: '由以下字段的取值决定：',
    computed: '由转换规则仅凭以下值算出：',
  },
} as const
