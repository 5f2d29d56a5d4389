"""Names of small streets, of the kind that Chinese towns have, without repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

_FIRST: Final = "文明朝光永安长新东秀锦金银玉福康和建育青春华凤龙兴泰宜清怀景瑞云"
_SECOND: Final = "昌阳明宁平丰江绣山河泉寿乐华设才年晖凰泉旺和春溪仁德星霞远庆"
_OLD: Final = (
    "打铁巷",
    "米市街",
    "盐仓巷",
    "状元街",
    "孔庙前街",
    "县前街",
    "大井巷",
    "鼓楼街",
    "万寿宫巷",
    "灵泉巷",
    "豆腐巷",
    "竹器街",
    "布政街",
    "学宫巷",
    "宝塔巷",
    "染坊巷",
    "油行街",
    "官塘巷",
    "府背街",
    "十字街",
    "东门里",
    "西门里",
    "小北门街",
    "马王庙巷",
    "城隍巷",
    "书院街",
    "贡院巷",
    "观音巷",
    "麻石街",
    "水巷",
    "码头街",
    "棉花巷",
    "剪子巷",
    "槐树巷",
    "桂花巷",
    "银匠街",
    "铜锣巷",
    "酱园巷",
    "茶亭街",
    "戏台巷",
)
_INDUSTRY: Final = (
    "工业",
    "创业",
    "科技",
    "环保",
    "兴业",
    "锂都",
    "机电",
    "医药",
    "园区",
    "宏图",
    "腾飞",
    "春城",
    "振兴",
    "发展",
    "富民",
    "强业",
)
_LOGISTICS: Final = ("货运", "配送", "仓前", "冷链", "通达", "联运", "集散", "顺运", "驿通", "快运")


class NameBook:
    """Hands out street names; each only once."""

    def __init__(self, random: np.random.Generator, taken: set[str]) -> None:
        self._random = random
        self._taken = set(taken)
        self._old = [_OLD[i] for i in random.permutation(len(_OLD))]
        self._pairs = [a + b for a in _FIRST for b in _SECOND if a != b]
        self._pairs = sorted(set(self._pairs))
        self._pairs = [self._pairs[i] for i in random.permutation(len(self._pairs))]

    def street(self, kind: str, *, main: bool) -> str:
        """Return a new name for a street of a quarter of `kind`; main streets are 路, not 巷."""
        if kind == "old_town" and self._old:
            return self._once(self._old.pop())
        if kind == "industry":
            return self._numbered(_INDUSTRY)
        if kind == "logistics":
            return self._numbered(_LOGISTICS)
        ending = (
            "路" if main else ("巷" if kind == "old_town" else ("街", "路", "支路")[self._pick(3)])
        )
        while True:
            name = self._once(self._pairs.pop() + ending)
            if name:
                return name

    def _numbered(self, stems: tuple[str, ...]) -> str:
        for number in ("", "一", "二", "三", "四", "五", "六", "七", "八", "九"):
            for stem in stems:
                name = f"{stem}{number}路"
                if name not in self._taken:
                    return self._once(name)
        return ""

    def _once(self, name: str) -> str:
        if name in self._taken:
            return ""
        self._taken.add(name)
        return name

    def _pick(self, count: int) -> int:
        return int(self._random.integers(count))
