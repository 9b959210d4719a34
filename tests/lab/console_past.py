"""A past for the organisation of `console_fleet.py`, written into the database of a gateway that is down: copies of
the calls that were made, over a month of working days, and earlier times for what was made just now. The audit log
is left alone: its seals would tell.
"""
import sqlite3
import time

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
DAYS = 30
NIL = "zeroblob(16)"


def write(path, dice):
    """The past of a month."""
    base = sqlite3.connect(path)
    base.row_factory = sqlite3.Row
    now = int(time.time() * SECOND)
    with base:
        _earlier(base, dice, now)
        _calls(base, dice, now)
        _sums(base)
        _windows(base, dice)
    base.close()


def _earlier(base, dice, now):
    def spread(table, column, key, first, last, where="1"):
        for (rowid,) in base.execute(f"SELECT {key} FROM {table} WHERE {where}").fetchall():
            base.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (now - dice.randrange(first, last), rowid))

    spread("devices", "enrolled_at", "id", 3 * DAY, 80 * DAY, "effective IS NOT NULL")
    spread("virtual_keys", "created_at", "id", 10 * DAY, 200 * DAY, "device_id IS NULL")
    spread("users", "created_at", "id", 30 * DAY, 400 * DAY)
    spread("access_requests", "asked_at", "id", HOUR // 4, 2 * DAY)
    for kind, item in base.execute("SELECT kind, item FROM catalogue_items").fetchall():
        seen = now - dice.randrange(2 * DAY, 70 * DAY)
        base.execute("UPDATE catalogue_items SET first_seen_at = ? WHERE kind = ? AND item = ?", (seen, kind, item))
    for device, app in base.execute("SELECT device_id, app FROM device_apps").fetchall():
        seen, last = now - dice.randrange(2 * DAY, 60 * DAY), now - dice.randrange(0, 20 * HOUR)
        base.execute("UPDATE device_apps SET first_seen_at = ?, last_seen_at = ? WHERE device_id = ? AND app = ?", (seen, last, device, app))
    # Some are away: a few since this morning, two for longer.
    devices = [row[0] for row in base.execute("SELECT id FROM devices ORDER BY id").fetchall()]
    for index, device in enumerate(devices[1:]):
        away = {3: 3 * HOUR, 9: 7 * HOUR, 14: 5 * DAY, 17: 2 * HOUR, 23: 11 * DAY, 30: 9 * HOUR}.get(index, dice.randrange(SECOND, 800 * SECOND))
        base.execute("UPDATE devices SET last_seen_at = ? WHERE id = ?", (now - away, device))


def _calls(base, dice, now):
    """More by day than by night, hardly any at weekends, and a little more every week."""
    made = [dict(row) for row in base.execute("SELECT * FROM requests").fetchall()]
    found = {row["id"]: row for row in base.execute("SELECT * FROM request_guardrails").fetchall()}
    columns = list(made[0])
    insert = f"INSERT INTO requests ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})"
    for hours in range(DAYS * 24, 0, -1):
        start = now - hours * HOUR
        then = time.gmtime(start // SECOND)
        busy = 0.15 if then.tm_wday > 4 else 1
        daily = (2, 1, 1, 1, 1, 2, 4, 9, 16, 21, 22, 19, 15, 19, 23, 22, 18, 13, 8, 6, 5, 4, 3, 2)[then.tm_hour]
        count = daily * busy * (1.5 - hours / (DAYS * 48)) * dice.uniform(0.7, 1.3)
        for at in sorted(start + dice.randrange(HOUR) for _ in range(int(count) + 1)):
            like = dice.choice(made)
            more = _copy(dice, like, min(at, now - SECOND))
            base.execute(insert, list(more.values()))
            if like["id"] in found:
                base.execute("INSERT INTO request_guardrails (id, team_id, applied) VALUES (?, ?, ?)",
                             (more["id"], found[like["id"]]["team_id"], found[like["id"]]["applied"]))
    # All at once is not how people work; those with their words in the log stay.
    for row in made:
        if not row["has_content"]:
            base.execute("DELETE FROM requests WHERE id = ?", (row["id"],))
            base.execute("DELETE FROM request_guardrails WHERE id = ?", (row["id"],))


def _copy(dice, row, at):
    stamp = (at // 1_000).to_bytes(6, "big")
    tail = bytearray(dice.randbytes(10))
    tail[0], tail[2] = 0x70 | tail[0] & 15, 0x80 | tail[2] & 63  # UUID version 7 (RFC 9562)
    size, answered = dice.lognormvariate(0, 0.5), row["cost"] > 0
    more = {"id": stamp + bytes(tail), "started_at": at, "trace_id": dice.randbytes(16), "has_content": 0}
    for column in ("input", "cached", "output", "cost", "request_bytes", "response_bytes"):
        more[column] = int(row[column] * size)
    if answered:
        took = int(dice.lognormvariate(15.2, 0.7))
        more |= {"duration_us": took, "ttft_us": took // 4 if row["ttft_us"] else row["ttft_us"]}
    return {**row, **more}


def _sums(base):
    sums = "SUM(input), SUM(cached), SUM(cache_write_5m + cache_write_1h), SUM(output), SUM(reasoning), SUM(input_audio + output_audio), SUM(output_image), SUM(cost)"
    errors = "SUM(CASE WHEN status >= 400 OR outcome = 3 THEN 1 ELSE 0 END)"
    hour, day = f"started_at - started_at % {HOUR}", f"started_at - started_at % {DAY}"
    team = f"COALESCE(team_id, {NIL})"
    of = f"{team}, COALESCE(provider, ''), COALESCE(model, ''), operation"
    base.execute("DELETE FROM usage_hours")
    base.execute(f"INSERT INTO usage_hours SELECT {hour}, COALESCE(key_id, {NIL}), {team}, COALESCE(user_id, {NIL}), COALESCE(provider, ''), "
                 f"COALESCE(model, ''), operation, COUNT(*), {errors}, {sums} FROM requests GROUP BY 1, 2, 3, 4, 5, 6, 7")
    base.execute("DELETE FROM usage_team_hours")
    base.execute(f"INSERT INTO usage_team_hours SELECT {hour}, {of}, COUNT(*), {errors}, SUM(CASE WHEN outcome = 2 THEN 1 ELSE 0 END), {sums} "
                 "FROM requests GROUP BY 1, 2, 3, 4, 5")
    base.execute("DELETE FROM usage_facets")
    for facet, start, name, there in (("app", hour, "app", "app IS NOT NULL"), ("code", hour, "code", "outcome = 2 AND code IS NOT NULL")):
        base.execute(f"INSERT INTO usage_facets SELECT '{facet}', {start}, {team}, {name}, COUNT(*), {errors}, SUM(cost) FROM requests "
                     f"WHERE {there} GROUP BY 2, 3, 4")
    users = {}
    for row in base.execute(f"SELECT {day} AS start, {team} AS team, user_id, status, cost FROM requests WHERE user_id IS NOT NULL"):
        sums_of = users.setdefault((row["start"], row["team"], row["user_id"]), [0, 0, 0])
        for index, more in enumerate((1, row["status"] >= 400, row["cost"])):
            sums_of[index] += more
    for (start, of_team, user), (count, wrong, cost) in users.items():
        base.execute("INSERT INTO usage_facets VALUES ('user', ?, ?, ?, ?, ?, ?)", (start, of_team, _printed("user", user), count, wrong, cost))


def _printed(prefix, raw):
    """An id as the API prints it."""
    number = int.from_bytes(raw, "big")
    return f"{prefix}_" + "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> (5 * place) & 31] for place in range(25, -1, -1))


def _windows(base, dice):
    """What is used of budgets, from little to nearly all."""
    for share, row in zip((0.62, 0.41, 0.93, 0.18, 0.55, 0.07, 0.48, 0.81, 1), base.execute("SELECT * FROM budget_windows ORDER BY budget_id").fetchall()):
        base.execute("UPDATE budget_windows SET settled = ?, debt = 0 WHERE budget_id = ? AND start_at = ?",
                     (int(row["cap"] * share * dice.uniform(0.95, 1.05)), row["budget_id"], row["start_at"]))
