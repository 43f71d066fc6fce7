#!/usr/bin/env python3
"""Recomputes every invoice of the demo from its input files alone, to the cent.

    check_invoices.py OUTPUT                  compare OUTPUT/invoices with OUTPUT/inputs
    check_invoices.py OUTPUT --self-test      alter figures, one at a time, and see that each is noticed
    check_invoices.py OUTPUT --explain DIR    write what the special points must come to, with the arithmetic
    check_invoices.py OUTPUT --expected DIR   compare what they come to with such files

OUTPUT is the folder that `kvarter demo --output` wrote: inputs/, invoices/, not-ready.json.
With --explain and --expected its inputs/ are enough. Exit codes: 0 everything agrees, 1 something differs, 2 wrong use.

The method is the plainest one: a table from instant to quantity, a table from instant to price, exact fractions, one
multiplication per interval. It shares nothing with the program: neither code nor a library outside Python's own.
"""

import argparse
import copy
import csv
import json
import sys
import xml.etree.ElementTree as xml
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

UTC = timezone.utc
MONTH_FIRST, MONTH_END = date(2024, 10, 1), date(2024, 11, 1)
STEPS = {"PT15M": timedelta(minutes=15), "PT1H": timedelta(hours=1)}
KINDS = {"D01": "subscription", "D02": "fee", "D03": "tariff"}
DAY = timedelta(days=1)


# Time. The rule of the European Union since 1996: clocks change at 01:00 UTC on the last Sundays of March and October.

def last_sunday(year, month):
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def offset(instant):
    """Hours that Amsterdam is ahead of UTC."""
    change = [datetime(instant.year, month, last_sunday(instant.year, month).day, 1, tzinfo=UTC) for month in (3, 10)]
    return 2 if change[0] <= instant < change[1] else 1


@lru_cache(maxsize=None)
def local_day(instant):
    return (instant + timedelta(hours=offset(instant))).date()


@lru_cache(maxsize=None)
def midnight(day):
    """The instant at which a local day begins; it is never one of the hours in which clocks change."""
    naive = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return next(at for hours in (1, 2) if local_day(at := naive - timedelta(hours=hours)) == day and offset(at) == hours)


@lru_cache(maxsize=None)
def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def days(first, end):
    while first < end:
        yield first
        first += DAY


# Numbers.

def rounded(number, decimals, mode="half_away_from_zero"):
    """A fraction rounded to so many decimals, as a fraction."""
    scaled = abs(number) * 10**decimals
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest - scaled.denominator
    up = {
        "half_away_from_zero": twice >= 0,
        "half_even": twice > 0 or (twice == 0 and whole % 2 == 1),
        "towards_zero": False,
        "away_from_zero": rest > 0,
    }[mode]
    return Fraction(whole + up, 10**decimals) * (1 if number >= 0 else -1)


def split(cents, shares):
    """Whole cents by shares in percent; what is left goes to the largest remainders, the earlier first."""
    sign = 1 if cents >= 0 else -1
    exact = [abs(cents) * share / sum(shares) for share in shares]
    parts = [int(part) for part in exact]
    order = sorted(range(len(shares)), key=lambda index: (-(exact[index] - parts[index]), index))
    for index in order[: abs(cents) - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def text(number, least=0):
    """Decimal text of a fraction that ends; a fraction otherwise."""
    for decimals in range(least, 40):
        if (number * 10**decimals).denominator == 1:
            digits = f"{abs(int(number * 10**decimals)):0{decimals + 1}d}"
            dot = "." + digits[-decimals:] if decimals else ""
            return ("-" if number < 0 else "") + digits[: len(digits) - decimals] + dot
    return f"{number.numerator}/{number.denominator}"


# Input.

class Inputs:
    """The input files as tables."""

    def __init__(self, folder):
        table = lambda name: list(csv.DictReader((folder / f"{name}.csv").open(encoding="utf-8-sig", newline="")))
        self.tenant = table("tenant")[0]
        self.taxes = [(row["tax_class"], date.fromisoformat(row["valid_from"]), Fraction(row["rate_percent"])) for row in table("tax_rates")]
        self.accounts = {row["account_id"]: row for row in table("accounts")}
        self.kinds = {row["metering_point_id"]: row["kind"] for row in table("metering_points")}
        self.products = defaultdict(list)
        for row in table("products"):
            self.products[row["product_id"]].append(row)
        self.contracts = defaultdict(list)
        for row in table("contracts"):
            self.contracts[row["metering_point_id"], row["contract_id"]].append(row)
        self.indexes = defaultdict(dict)
        for row in table("prices"):
            assert (row["unit"], row["currency"]) == ("MWh", "EUR"), row
            if row["price"]:
                start = instant(row["start_utc"])
                self.indexes[row["index"]][start] = (start + STEPS[row["resolution"]], Fraction(row["price"]) / 1000)
        self.charges, self.charge_prices, self.links = {}, defaultdict(dict), defaultdict(list)
        measured = []
        for path in sorted((folder / "charges").iterdir()) + sorted((folder / "measured").iterdir()):
            root = document(path)
            process = field(root, "process.processType")
            if process == "E23":
                measured.append((instant(field(root, "createdDateTime")), field(root, "mRID"), root))
            else:
                {"D18": self.read_charges, "D08": self.read_prices, "D17": self.read_links}[process](root)
        self.values = defaultdict(dict)
        # The latest created document counts, interval by interval.
        for _, _, root in sorted(measured, key=lambda one: one[:2]):
            for series in fields(root, "Series"):
                self.read_values(series)

    def read_values(self, series):
        values = self.values[field(series, "marketEvaluationPoint.mRID")]
        assert field(series, "quantity_Measure_Unit.name") == "KWH"
        for period in fields(series, "Period"):
            step = STEPS[field(period, "resolution")]
            interval = fields(period, "timeInterval")[0]
            start, end = instant(field(interval, "start")), instant(field(interval, "end"))
            for old in [at for at in values if start <= at < end]:
                del values[old]
            points = fields(period, "Point")
            assert start + len(points) * step == end, "the points fill the period"
            for point in points:
                at = start + (int(field(point, "position")) - 1) * step
                quality = field(point, "quality") or "A04"
                values[at] = (at + step, Fraction(field(point, "quantity") or 0), quality)

    def read_charges(self, root):
        for charge, entry in charge_types(root):
            assert charge not in self.charges, "the demo describes a charge once"
            self.charges[charge] = {
                "name": field(entry, "name"),
                "has_vat": field(entry, "VATPayer") == "D02",
                "is_transparent": field(entry, "transparentInvoicing") == "true",
                "from": local_day(instant(field(entry, "effectiveDate"))),
            }

    def read_prices(self, root):
        for charge, entry in charge_types(root):
            for period in fields(entry, "Series_Period"):
                interval = fields(period, "timeInterval")[0]
                at, end = instant(field(interval, "start")), instant(field(interval, "end"))
                resolution = field(period, "resolution")
                for point in sorted(fields(period, "Point"), key=lambda point: int(field(point, "position"))):
                    after = following(at, resolution)
                    self.charge_prices[charge][at] = (after, Fraction(field(point, "price.amount")))
                    at = after
                assert at == end, "the prices fill the period"

    def read_links(self, root):
        for record in fields(root, "MktActivityRecord"):
            point = field(record, "marketEvaluationPoint.mRID")
            for charge, entry in charge_types_of(record):
                end = field(entry, "terminationDate")
                self.links[point].append({
                    "charge": charge,
                    "factor": Fraction(field(entry, "factor") or 1),
                    "first": local_day(instant(field(entry, "effectiveDate"))),
                    "end": local_day(instant(end)) if end else date.max,
                })

    def vat_rate(self, tax_class, day):
        return max((valid, rate) for name, valid, rate in self.taxes if name == tax_class and valid <= day)[1]


def following(at, resolution):
    if resolution in STEPS:
        return at + STEPS[resolution]
    day = local_day(at)
    after = day + DAY if resolution == "P1D" else (day.replace(day=28) + 4 * DAY).replace(day=1)
    return midnight(after)


# Documents, JSON or XML, as one kind of tree: a list of (name, text or list).

def document(path):
    if path.suffix == ".json":
        plain = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
        return json_tree(next(iter(plain.values())))
    return xml_tree(xml.parse(path).getroot())


def json_tree(node):
    pairs = []
    for name, value in node.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                one = one["value"] if "value" in one else json_tree(one)
            pairs.append((name, one if isinstance(one, (list, str)) else json.dumps(one)))
    return pairs


def xml_tree(node):
    return [(child.tag.split("}")[1], xml_tree(child) if len(child) else child.text) for child in node]


def fields(tree, name):
    return [value for key, value in tree if key == name]


def field(tree, name):
    found = fields(tree, name)
    return found[0] if found else None


def charge_types(root):
    for record in fields(root, "MktActivityRecord"):
        yield from charge_types_of(record)


def charge_types_of(record):
    for group in fields(record, "ChargeGroup"):
        for entry in fields(group, "ChargeType"):
            owner = field(entry, "chargeTypeOwner_MarketParticipant.mRID")
            yield (field(entry, "mRID"), owner, KINDS[field(entry, "type")]), entry


# Rating.

class NotReady(Exception):
    """A contract can't be billed: the codes of its reasons, and words."""

    def __init__(self, code, words):
        super().__init__(f"{code}: {words}")
        self.code = code


def part(row, charge, first, end, quantity, unit, amount, price, daily=None):
    """What one position comes to. `daily` has kWh and money by day for the reader."""
    return {
        "component": row["component_id"],
        "charge": charge,
        "name": row["component_name"],
        "first": first,
        "end": end,
        "quantity": quantity,
        "unit": unit,
        "amount": amount,
        "price": price,
        "daily": daily or {},
        "row": row,
        "bundled": row["bundled"] == "yes",
        "tax_class": row["tax_class"],
    }


def cut(first, end, changes):
    """The pieces of a span between the days on which something changes."""
    edges = [first] + sorted({day for day in changes if first < day < end}) + [end]
    return list(zip(edges, edges[1:]))


class Rating:
    """One contract in the month."""

    def __init__(self, inputs, point, rows):
        self.inputs, self.point = inputs, point
        self.first = max(MONTH_FIRST, date.fromisoformat(rows[0]["first_day"]))
        end = rows[0]["end_day"]
        self.end = min(MONTH_END, date.fromisoformat(end)) if end else MONTH_END
        self.contract_first = date.fromisoformat(rows[0]["first_day"])
        self.parameters = dict(one.split("=") for one in rows[0].get("parameters", "").split("|") if one)
        self.values = inputs.values[point]

    def intervals(self, first, end):
        """Every interval of the days, without a gap, or a refusal."""
        at, stop = midnight(first), midnight(end)
        while at < stop:
            if at not in self.values or self.values[at][2] == "A02":
                raise NotReady("MISSING_VALUES", f"{self.point} at {at.isoformat()}")
            after, quantity, quality = self.values[at]
            yield at, quantity, quality
            at = after

    def usage(self):
        """kWh by day, whatever the quality."""
        usage = defaultdict(Fraction)
        for at in self.values:
            if self.first <= local_day(at) < self.end:
                usage[local_day(at)] += self.values[at][1]
        return usage

    def parts(self, product):
        done = []
        for row in product:
            source, _, argument = row["quantity"].partition(":")
            {
                "channel": lambda: self.channel(row, argument, done),
                "days": lambda: self.days(row, done),
                "count": lambda: self.count(row, done),
                "amount_of": lambda: self.amount_of(row, argument.split("+"), done),
                "linked_charges": lambda: self.linked(row, done),
            }[source]()
        return [one for one in done if one["quantity"] or one["amount"]]

    def constants(self, row):
        """The constant prices of a component as (first day, price)."""
        kind, _, argument = row["price"].partition(":")
        if kind == "parameter":
            return [(date.min, Fraction(self.parameters[argument]))]
        if "=" not in argument:
            return [(date.min, Fraction(argument))]
        return [(date.fromisoformat(day), Fraction(price)) for day, price in (one.split("=") for one in argument.split("|"))]

    def pieces(self, row, first=None, end=None):
        """The component's days cut where its price or its tax changes, with the constant price of each piece."""
        prices = [] if row["price"].startswith(("index:", "linked")) else self.constants(row)
        taxes = [valid for name, valid, _ in self.inputs.taxes if name == row["tax_class"]]
        for piece_first, piece_end in cut(first or self.first, end or self.end, [day for day, _ in prices] + taxes):
            held = [price for day, price in prices if day <= piece_first]
            yield piece_first, piece_end, held[-1] if held else None

    def channel(self, row, direction, done):
        assert direction == {"E17": "consumption", "E18": "production"}[self.inputs.kinds[self.point]]
        for first, end, constant in self.pieces(row):
            if constant is None:
                name, _, terms = row["price"].removeprefix("index:").partition("*")
                factor, _, addend = (terms or "1").partition("+")
                price = lambda at: rounded(self.price_at(self.inputs.indexes[name], name, at) * Fraction(factor) + Fraction(addend or 0), 8)
            else:
                price = lambda at: constant
            done.append(self.metered(row, None, first, end, price, constant))

    def metered(self, row, charge, first, end, price, constant):
        quantity, amount, count, daily = Fraction(0), Fraction(0), 0, defaultdict(lambda: [Fraction(0), Fraction(0)])
        estimated = False
        for at, value, quality in self.intervals(first, end):
            money = value * price(at)
            quantity, amount, count = quantity + value, amount + money, count + 1
            estimated |= quality in ("A03", "A05")
            daily[local_day(at)][0] += value
            daily[local_day(at)][1] += money
        # A price that never changes is shown as such; the sign of the amount is in the quantity.
        shown = ("single", constant) if constant is not None else ("average", count)
        one = part(row, charge, first, end, quantity, "kWh", amount, shown, daily)
        one["is_estimated"] = estimated
        return one

    def price_at(self, prices, name, at):
        """Prices hold for the interval they begin; an hour's price serves its quarters, a day's its hours."""
        for start in (at, at.replace(minute=0), midnight(local_day(at))):
            if start in prices and at < prices[start][0]:
                return prices[start][1]
        raise NotReady("MISSING_SERIES_PRICE", f"{name} at {at.isoformat()}")

    def days(self, row, done):
        for first, end, price in self.pieces(row):
            count = Fraction((end - first).days)
            if row["model"] == "fixed":
                amount, shown = price * count / (MONTH_END - MONTH_FIRST).days, ("monthly", price)
            else:
                amount, shown = price * count, ("single", price)
            done.append(part(row, None, first, end, count, "day", amount, shown))

    def count(self, row, done):
        for first, end, price in self.pieces(row):
            if first <= self.contract_first < end:
                done.append(part(row, None, first, end, Fraction(1), "pcs", price, ("single", price)))

    def amount_of(self, row, references, done):
        for first, end, factor in self.pieces(row):
            base = sum(one["amount"] for one in done if one["component"] in references and first <= one["first"] < end)
            done.append(part(row, None, first, end, Fraction(1), "pcs", base * factor, ("factor", factor)))

    def linked(self, row, done):
        for link in self.inputs.links[self.point]:
            first, end = max(self.first, link["first"]), min(self.end, link["end"])
            if first >= end:
                continue
            charge = self.inputs.charges[link["charge"]]
            assert charge["from"] <= first
            prices = self.inputs.charge_prices[link["charge"]]
            for piece_first, piece_end, _ in self.pieces(row, first, end):
                one = self.linked_part(row, link, prices, piece_first, piece_end)
                one["name"] = charge["name"]
                one["bundled"] &= not charge["is_transparent"]
                one["tax_class"] = row["tax_class"] if charge["has_vat"] else "outside"
                done.append(one)

    def linked_part(self, row, link, prices, first, end):
        code, _, kind = link["charge"]
        if kind == "tariff":
            assert link["factor"] == 1
            known = {price for at, (_, price) in prices.items() if first <= local_day(at) < end}
            return self.metered(row, link["charge"], first, end, lambda at: self.price_at(prices, code, at), known.pop() if len(known) == 1 else None)
        held = {price for start, (_, price) in prices.items() if local_day(start) < end}
        assert len(held) == 1, "the demo has one price a month for subscriptions and fees"
        price, count = held.pop(), Fraction((end - first).days)
        if kind == "fee":
            return part(row, link["charge"], first, end, link["factor"] * count, "pcs", price * link["factor"] * count, ("single", price))
        amount = price * link["factor"] * count / (MONTH_END - MONTH_FIRST).days
        return part(row, link["charge"], first, end, count, "day", amount, ("monthly", price, link["factor"]))


# Invoices.

def lines(parts):
    """The lines of parts: those of one bundled group and tax become one."""
    made = {}
    for index, one in enumerate(parts):
        tax = (one["tax_class"], one["rate"])
        key = ("bundle", one["row"]["group"], tax) if one["bundled"] else ("part", index)
        made.setdefault(key, []).append(one)
    return [
        {
            "name": held[0]["row"]["group"] if len(held) > 1 else held[0]["name"],
            "first": min(one["first"] for one in held).isoformat(),
            "last": (max(one["end"] for one in held) - DAY).isoformat(),
            "net": text(sum(one["net"] for one in held), 2),
            "tax_class": held[0]["tax_class"],
            "vat_rate_percent": text(held[0]["rate"]),
            "is_estimated": any(one.get("is_estimated", False) for one in held),
            "parts": [shown(one) for one in held],
        }
        for held in made.values()
    ]


def shown(one):
    """A part as its reader sees it: no price is negative, the sign is in the quantity."""
    quantity = abs(one["quantity"]) * (-1 if one["amount"] < 0 else 1)
    charge = one["charge"]
    return {
        "component": one["component"],
        "charge": "-".join(charge) if charge else None,
        "first": one["first"].isoformat(),
        "last": (one["end"] - DAY).isoformat(),
        "quantity": text(quantity),
        "unit": one["unit"],
        "amount": text(one["amount"]),
        "net": text(one["net"], 2),
    }


def invoices(inputs):
    """What every account must be billed, what can't be, and the parts of every contract for the reader."""
    billed, not_ready, detail = defaultdict(list), {}, {}
    for (point, contract), rows in sorted(inputs.contracts.items()):
        rating = Rating(inputs, point, rows)
        if rating.first >= rating.end:
            continue
        product = inputs.products[rows[0]["product_id"]]
        assert len({row["valid_from"] for row in product}) == 1, "the demo has one version of each product"
        try:
            parts = rating.parts(product)
        except NotReady as reason:
            not_ready[point, contract] = reason.code
            continue
        for one in parts:
            one["rate"] = inputs.vat_rate(one["tax_class"], one["first"])
            one["cents"] = int(rounded(one["amount"], 2, one["row"]["rounding"] if one["row"].get("rounding") else "half_away_from_zero") * 100)
        usage = rating.usage()
        shares = [Fraction(row["share_percent"]) for row in rows]
        for index, row in enumerate(rows):
            own = [dict(one, net=Fraction(split(one["cents"], shares)[index], 100)) for one in parts]
            billed[row["account_id"]].append({
                "metering_point": point,
                "contract": contract,
                "product": product[0]["product_name"],
                "lines": lines(own),
                "usage": text(sum(usage.values())),
            })
            detail[row["account_id"], point] = own
    return {account: invoice(account, points) for account, points in billed.items()}, not_ready, detail


def invoice(account, points):
    nets = defaultdict(Fraction)
    for point in points:
        for line in point["lines"]:
            nets[line["tax_class"], Fraction(line["vat_rate_percent"])] += Fraction(line["net"])
    vat = [(tax_class, rate, net, rounded(net * rate / 100, 2)) for (tax_class, rate), net in sorted(nets.items())]
    net, tax = sum(one[2] for one in vat), sum(one[3] for one in vat)
    return {
        "account": account,
        "kind": "credit-note" if net + tax < 0 else "invoice",
        "points": points,
        "vat": [
            {"tax_class": name, "rate_percent": text(rate), "net": text(base, 2), "vat": text(own, 2)}
            for name, rate, base, own in vat
        ],
        "net": text(net, 2),
        "vat_total": text(tax, 2),
        "total": text(net + tax, 2),
    }


# Comparison.

def issued(plain):
    """An issued invoice reduced to the figures that are recomputed."""
    def of_part(one):
        charge = one["charge"]
        return {
            "component": one["component"],
            "charge": f"{charge['code']}-{charge['owner']}-{charge['kind']}" if charge else None,
            "first": one["service"]["first"],
            "last": one["service"]["last"],
            "quantity": text(Fraction(one["quantity"])),
            "unit": one["unit"],
            "amount": text(Fraction(one["amount"])),
            "net": one["net"],
        }

    def of_line(line):
        same = {name: line[name] for name in ("name", "net", "tax_class", "vat_rate_percent", "is_estimated")}
        return dict(same, **line["service"], parts=[of_part(one) for one in line["parts"]])

    def of_point(point):
        assert point["unshown"] == [], "a first invoice shows every position"
        usage = sum(Fraction(one["total"]) for one in point["usage"])
        same = {name: point[name] for name in ("metering_point", "contract", "product")}
        return dict(same, lines=[of_line(line) for line in point["lines"]], usage=text(usage))

    return {
        "account": plain["payer"]["account"],
        "kind": plain["kind"],
        "points": [of_point(point) for point in plain["points"]],
        "vat": plain["vat"],
        **{name: plain[name] for name in ("net", "vat_total", "total")},
    }


def ordered(value):
    """The same with every list in an order of its own: the order of lines is no figure."""
    if isinstance(value, dict):
        return {name: ordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted((ordered(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def differences(expected, found, path=""):
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            yield from differences(expected.get(name), found.get(name), f"{path}.{name}" if path else name)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{path}[{index}]")
    elif expected != found:
        yield f"{path}: expected {expected}, issued {found}"


def compare(inputs, plain, listed, computed):
    """Every difference between what was issued and what must be."""
    expected, not_ready, _ = computed
    found = {}
    for one in plain:
        account = one["payer"]["account"]
        if account in found:
            yield f"account {account} has two invoices"
        found[account] = one
        if one["due"] != one["total"]:
            yield f"{one['number']}: due {one['due']} is not the total {one['total']}"
        if one["payer"]["name"] != inputs.accounts[account]["name"] or one["seller"]["name"] != inputs.tenant["seller_name"]:
            yield f"{one['number']}: payer or seller is not that of the inputs"
        if sum(Fraction(posting["amount"]) for posting in one["postings"]) != 0:
            yield f"{one['number']}: the postings do not sum to zero"
        yield from wrong_prices(one)
        for name, text_of in (("number", one["number"]), ("currency", one["currency"]), ("booking_month", one["booking_month"])):
            if not text_of:
                yield f"{account}: {name} is empty"
    numbers = sorted(one["number"] for one in plain)
    prefix = inputs.tenant["invoice_number_prefix"]
    counts = [int(number.removeprefix(prefix)) for number in numbers]
    if counts != list(range(1, len(numbers) + 1)):
        yield f"numbers are not those from 1 to {len(numbers)}: {numbers[:3]} …"
    for account in sorted(expected.keys() - found.keys()):
        yield f"account {account} has no invoice; expected a total of {expected[account]['total']}"
    for account in sorted(found.keys() - expected.keys()):
        yield f"account {account} has an invoice and should have none"
    for account in sorted(expected.keys() & found.keys()):
        for difference in differences(ordered(expected[account]), ordered(issued(found[account]))):
            yield f"{found[account]['number']} ({account}): {difference}"
    entries = {(one["metering_point_id"], one["contract_id"]): [reason["code"] for reason in one["reasons"]] for one in listed}
    for key in sorted(entries.keys() | not_ready.keys()):
        if not_ready.get(key) not in entries.get(key, []):
            yield f"not ready {key}: expected {not_ready.get(key)}, listed {entries.get(key)}"


def wrong_prices(plain):
    """Prices as shown that do not make the exact amount with the quantity as shown."""
    month = (MONTH_END - MONTH_FIRST).days
    for one in (one for point in plain["points"] for line in point["lines"] for one in line["parts"]):
        price, quantity, amount = one["price"], Fraction(one["quantity"]), Fraction(one["amount"])
        value = Fraction(price["value"] or 0)
        agrees = {
            "per-unit": lambda: value * quantity == amount,
            "monthly": lambda: value * Fraction(price["pieces"]) * quantity / month == amount,
            "factor": lambda: True,
            "average": lambda: not quantity or value == rounded(abs(amount / quantity), 6),
        }[price["kind"]]()
        if not agrees or value < 0:
            yield f"{plain['number']}: {one['name']}: {quantity} at {price} does not make {amount}"


# What the special points come to, for a reader.

def specials(folder):
    """The special points as the inputs list them: (name of the file, point, accounts, what it shows)."""
    rows = [line.split("|")[1:4] for line in (folder / "README.md").read_text().splitlines() if line.startswith("| 8")]
    for index, row in enumerate(rows, 1):
        point, accounts, shows = (cell.strip() for cell in row)
        yield f"{index:02d}-{point}", point, accounts.split(", "), shows


def explain(inputs, computed, special):
    """The expected figures of a special point as data and as text with the arithmetic."""
    expected, not_ready, detail = computed
    name, point, accounts, shows = special
    refused = {key[1]: code for key, code in not_ready.items() if key[0] == point}
    data = {
        "metering_point": point,
        "invoices": [expected[account] for account in accounts if account in expected],
        "not_ready": refused,
    }
    page = [f"# {point}", "", f"{shows[0].upper()}{shows[1:]}.", ""]
    for contract, code in refused.items():
        page += [f"Contract {contract} is not billed: {code}. No invoice for {', '.join(accounts)}.", ""]
    for account in accounts:
        if account in expected:
            page += page_of(account, expected[account], {key[1]: own for key, own in detail.items() if key[0] == account})
    return name, data, "\n".join(page).rstrip() + "\n"


def page_of(account, invoice_of, detail):
    page = [f"## {invoice_of['kind'].capitalize()} of {account}", ""]
    for point, parts in detail.items():
        page += [f"### {point}", ""]
        page += daily_table(parts)
        page += ["| position | service | arithmetic | exact | net |", "|---|---|---|--:|--:|"]
        page += [position_row(one) for one in parts]
        page.append("")
    for vat in invoice_of["vat"]:
        page.append(f"VAT {vat['rate_percent']} % of {vat['net']} = {vat['vat']}")
    page += ["", f"Net {invoice_of['net']} + VAT {invoice_of['vat_total']} = **{invoice_of['total']}**", ""]
    return page


def position_row(one):
    price, quantity = one["price"], text(one["quantity"])
    month = (MONTH_END - MONTH_FIRST).days
    if price[0] == "average":
        words = f"sum over {price[1]} intervals of kWh x price, by day above"
    elif price[0] == "monthly":
        pieces = f" x {text(price[2])}" if len(price) > 2 else ""
        words = f"{text(price[1])}{pieces} x {quantity} / {month} days"
    elif price[0] == "factor":
        words = f"{text(price[1])} x the amounts it refers to"
    else:
        words = f"{quantity} {one['unit']} x {text(price[1])}"
    exact = text(one["amount"])
    cents, net = text(Fraction(one["cents"], 100), 2), text(one["net"], 2)
    share = "" if cents == net else f" of {cents}"
    return f"| {one['name']} | {one['first']} to {one['end'] - DAY} | {words} | {exact} | {net}{share} |"


def daily_table(parts):
    metered = [one for one in parts if one["daily"]]
    if not metered:
        return []
    names = [one["name"] for one in metered]
    page = ["| day | " + " | ".join(f"{name}: kWh | EUR" for name in names) + " |", "|---|" + "--:|--:|" * len(names)]
    for day in sorted({day for one in metered for day in one["daily"]}):
        cells = [f"{text(one['daily'][day][0])} | {text(one['daily'][day][1])}" if day in one["daily"] else " | " for one in metered]
        page.append(f"| {day} | " + " | ".join(cells) + " |")
    sums = [f"**{text(one['quantity'])}** | **{text(one['amount'])}**" for one in metered]
    return page + ["| sum | " + " | ".join(sums) + " |", ""]


# Self-test: what is altered must be noticed.

def alterations(plain, listed):
    """Copies of the output with one thing wrong in each."""
    def altered(change):
        copies = copy.deepcopy(plain), copy.deepcopy(listed)
        change(*copies)
        return copies

    def cent(holder, name):
        holder[name] = text(Fraction(holder[name]) + Fraction(1, 100), 2)

    middle = len(plain) // 2
    first_line = lambda issued_of: issued_of["points"][0]["lines"][0]
    yield "a total", altered(lambda all_of, _: cent(all_of[0], "total"))
    yield "a line's net", altered(lambda all_of, _: cent(first_line(all_of[middle]), "net"))
    yield "a VAT amount", altered(lambda all_of, _: cent(all_of[middle]["vat"][0], "vat"))
    yield "a quantity", altered(lambda all_of, _: cent(first_line(all_of[-1])["parts"][0], "quantity"))
    yield "an exact amount", altered(lambda all_of, _: cent(first_line(all_of[middle])["parts"][0], "amount"))
    yield "a missing invoice", altered(lambda all_of, _: all_of.pop(middle))
    yield "a missing line", altered(lambda all_of, _: all_of[middle]["points"][0]["lines"].pop())
    yield "a number", altered(lambda all_of, _: all_of[0].update(number=all_of[1]["number"]))
    yield "a day of service", altered(lambda all_of, _: first_line(all_of[0])["service"].update(first="2024-10-02"))
    yield "a point that is not listed", altered(lambda _, entries: entries.pop())


def self_test(inputs, plain, listed, computed):
    blind = [name for name, (one, other) in alterations(plain, listed) if not list(compare(inputs, one, other, computed))]
    for name in blind:
        print(f"self-test: {name} was altered and not noticed")
    return not blind


def check_expected(inputs, computed, folder, expected):
    wrong = 0
    for special in specials(folder):
        name, data, page = explain(inputs, computed, special)
        held = json.loads((expected / f"{name}.json").read_text())
        found = list(differences(held, json.loads(json.dumps(data))))
        if (expected / f"{name}.md").read_text() != page:
            found.append(f"{name}.md says otherwise")
        for difference in found:
            print(f"{name}: {difference}")
        wrong += len(found)
    return wrong == 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("output", type=Path)
    arguments.add_argument("--self-test", action="store_true")
    arguments.add_argument("--explain", type=Path, metavar="DIR")
    arguments.add_argument("--expected", type=Path, metavar="DIR")
    given = arguments.parse_args()
    folder = given.output / "inputs"
    if not folder.is_dir():
        arguments.error(f"{folder} is no folder; give the folder that `kvarter demo --output` wrote")
    inputs = Inputs(folder)
    computed = invoices(inputs)
    if given.explain:
        given.explain.mkdir(parents=True, exist_ok=True)
        for special in specials(folder):
            name, data, page = explain(inputs, computed, special)
            (given.explain / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")
            (given.explain / f"{name}.md").write_text(page)
        return 0
    if given.expected:
        return 0 if check_expected(inputs, computed, folder, given.expected) else 1
    plain = [json.loads(path.read_text()) for path in sorted((given.output / "invoices").glob("*.json"))]
    listed = json.loads((given.output / "not-ready.json").read_text())
    if given.self_test:
        return 0 if self_test(inputs, plain, listed, computed) else 1
    found = list(compare(inputs, plain, listed, computed))
    for difference in found[:50]:
        print(difference)
    total = sum(Fraction(one["total"]) for one in plain)
    print(f"{len(plain)} invoices, {len(listed)} not ready, total {text(total, 2)}: {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
