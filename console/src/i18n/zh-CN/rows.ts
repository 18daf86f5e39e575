/** 文件中的行为何被跳过。 */
export const rows = {
  rowProblem: {
    atRow: '第 {{row}} 行：{{why}}',
    'sku-empty': 'SKU 为空',
    'sku-too-long': 'SKU 过长',
    'sku-unreadable': 'SKU“{{value}}”含有不可见字符',
    'sku-twice': 'SKU“{{value}}”重复出现',
    'sku-unknown': '没有 SKU“{{value}}”',
    'sku-is-bundle': '“{{value}}”是组合商品，采购的是其组成部分',
    'became-number': '表格软件已把编码变成数字 {{value}}',
    'key-empty': '原值为空',
    'key-twice': '“{{value}}”重复出现',
    'value-empty': '目标值为空',
    'changes-nothing': '两边都是“{{value}}”，没有变化',
    'supplier-unknown': '没有供应商“{{value}}”',
    'location-unknown': '没有地点“{{value}}”',
    'not-a-number': '{{column}} 中的“{{value}}”不是数字',
    'not-above-zero': '{{column}} 必须大于零',
    'not-a-quantity': '“{{value}}”不是数量',
    'cell-unreadable': '{{column}} 中的“{{value}}”无法读取',
  },
} as const
