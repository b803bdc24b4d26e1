//! Dates as centres write them: 西暦 and 和暦, with and without time, Excel's serial numbers.
//!
//! Everything becomes Japan's local time without a zone. A date without a time is midnight, a month without a day its
//! first: the published periods are months and fiscal years.

use std::borrow::Cow;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use unicode_normalization::UnicodeNormalization;

/// Japan is nine hours ahead of UTC all year.
const JST_OFFSET_SECONDS: i64 = 9 * 3600;

/// Serial numbers outside these days are taken for other numbers: 1954-10-03 to 2119-01-09.
const EXCEL_SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;

/// Western years outside these are typing errors.
const YEARS: std::ops::RangeInclusive<i32> = 1868..=2200;

/// Era names, the western year before their first year, and how many years they have: 昭和99年 is a typing error. (A date
/// late in an era's last year, 平成31年12月1日, is one: forms and systems lag behind.)
const ERAS: [(&str, i32, i32); 10] = [
    ("令和", 2018, 99),
    ("平成", 1988, 31),
    ("昭和", 1925, 64),
    ("大正", 1911, 15),
    ("明治", 1867, 45),
    ("R", 2018, 99),
    ("H", 1988, 31),
    ("S", 1925, 64),
    ("T", 1911, 15),
    ("M", 1867, 45),
];

/// The moment a cell means, in Japan's local time; `None` when it is not a date.
///
/// Understood after NFKC: `2023/5/12 10:32`, `2023-05-12T10:32:00+09:00` (any zone becomes JST), `2023年5月12日(金) 午後3時半`,
/// `令和5年5月12日`, `R5.5.12`, `平成31/4/30`, `20230512`, `202305121032`, `2023年5月`, and Excel serial numbers. Two-digit
/// western years and day-first dates are ambiguous and refused.
pub fn parse(cell: &str) -> Option<NaiveDateTime> {
    let text: Cow<'_, str> = if cell.is_ascii() { Cow::Borrowed(cell) } else { Cow::Owned(cell.nfkc().collect()) };
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && let Some(moment) = digits_only(text)
    {
        return Some(moment);
    }
    let mut cursor = Cursor(text);
    let date = cursor.date()?;
    cursor.moment(date)
}

/// The moment of an Excel serial number (days since 1899-12-30, the fraction is the time), to the second.
pub fn from_excel_serial(serial: f64) -> Option<NaiveDateTime> {
    if !EXCEL_SERIALS.contains(&serial) {
        return None;
    }
    // Whole seconds: 10:32 is stored as 0.43888…, which is 10:31:59.99….
    let seconds = (serial * 86_400.0).round();
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_time(NaiveTime::MIN);
    epoch.checked_add_signed(TimeDelta::try_seconds(seconds as i64)?)
}

/// The fiscal year (年度) of a date: April to March, named after the year of its April.
pub fn fiscal_year(date: impl Datelike) -> i32 {
    if date.month() >= 4 { date.year() } else { date.year() - 1 }
}

/// The first day of a date's month.
pub fn month_start(date: impl Datelike) -> NaiveDate {
    NaiveDate::from_ymd_opt(date.year(), date.month(), 1).unwrap_or_default()
}

/// `YYYYMMDD`, `YYYYMMDDhhmm`, `YYYYMMDDhhmmss` and serial numbers.
fn digits_only(text: &str) -> Option<NaiveDateTime> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    if !text.contains('.') && matches!(text.len(), 8 | 12 | 14) {
        let date = day(i32::try_from(part(0..4)?).ok()?, part(4..6)?, part(6..8)?)?;
        let minute = if text.len() > 8 { part(10..12)? } else { 0 };
        let hour = if text.len() > 8 { part(8..10)? } else { 0 };
        let second = if text.len() > 12 { part(12..14)? } else { 0 };
        return at(date, hour, minute, second);
    }
    let whole = text.split('.').next().unwrap_or_default();
    (whole.len() == 5 && text.matches('.').count() <= 1).then(|| text.parse().ok()).flatten().and_then(from_excel_serial)
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    YEARS.contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
}

/// 24:00 is midnight of the next day.
fn at(date: NaiveDate, hour: u32, minute: u32, second: u32) -> Option<NaiveDateTime> {
    if (hour, minute, second) == (24, 0, 0) {
        return Some(date.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN));
    }
    date.and_hms_opt(hour, minute, second)
}

/// What is left of the cell.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn eat_any(&mut self, prefixes: &[&str]) -> bool {
        prefixes.iter().any(|p| self.eat(p))
    }

    fn space(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// A number of at most `digits` digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if end == 0 || end > digits {
            return None;
        }
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        number.parse().ok()
    }

    fn date(&mut self) -> Option<NaiveDate> {
        let era = ERAS.iter().find(|(name, ..)| self.eat(name)).map(|(_, before, years)| (*before, *years));
        self.eat("西暦");
        self.space();
        let year = match era {
            Some((before, years)) => {
                self.eat(".");
                let year = if self.eat("元") { 1 } else { i32::try_from(self.number(2)?).ok()? };
                before + Some(year).filter(|y| (1..=years).contains(y))?
            }
            // 20230512T1032: eight digits before a time.
            None if self.0.bytes().take_while(u8::is_ascii_digit).count() == 8 => {
                let digits = self.number(8)?;
                return day(i32::try_from(digits / 10_000).ok()?, digits / 100 % 100, digits % 100);
            }
            None => i32::try_from(self.number(4)?).ok()?,
        };
        let separator = ["年", "/", "-", "."].into_iter().find(|s| {
            self.space();
            self.eat(s)
        })?;
        self.space();
        let month = self.number(2)?;
        self.space();
        let more = if separator == "年" { self.eat("月") } else { self.eat(separator) };
        self.space();
        if !more || self.0.is_empty() {
            return if self.0.is_empty() { day(year, month, 1) } else { None };
        }
        let of_month = self.number(2)?;
        self.space();
        self.eat("日");
        day(year, month, of_month)
    }

    /// The rest after a date: weekday, time of day, zone.
    fn moment(&mut self, date: NaiveDate) -> Option<NaiveDateTime> {
        self.space();
        if self.eat("(") {
            self.0 = self.0.split_once(')')?.1;
            self.space();
        }
        self.eat_any(&["T", "t", ","]);
        self.space();
        if self.0.is_empty() {
            return at(date, 0, 0, 0);
        }
        let mut afternoon = self.meridiem();
        self.space();
        let mut hour = self.number(2)?;
        let (mut minute, mut second) = (0, 0);
        if self.eat("時") {
            self.space();
            if self.eat("半") {
                minute = 30;
            } else if let Some(value) = self.number(2) {
                minute = value;
                if !self.eat("分") {
                    return None;
                }
                self.space();
                if let Some(value) = self.number(2) {
                    second = value;
                    self.eat("秒");
                }
            }
        } else {
            if !self.eat(":") {
                return None;
            }
            minute = self.number(2)?;
            if self.eat(":") {
                second = self.number(2)?;
            }
        }
        if self.eat_any(&[".", ","]) {
            self.0 = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        self.space();
        afternoon = afternoon.or_else(|| self.meridiem());
        match afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        let offset = self.zone()?;
        self.space();
        let local = at(date, hour, minute, second)?;
        if !self.0.is_empty() {
            return None;
        }
        local.checked_add_signed(TimeDelta::try_seconds(JST_OFFSET_SECONDS - offset)?)
    }

    /// 午後 is true.
    fn meridiem(&mut self) -> Option<bool> {
        if self.eat_any(&["午前", "AM", "am", "a.m."]) {
            return Some(false);
        }
        self.eat_any(&["午後", "PM", "pm", "p.m."]).then_some(true)
    }

    /// Seconds east of UTC; Japan where the cell names no zone; `None` for a zone that cannot be read.
    fn zone(&mut self) -> Option<i64> {
        self.space();
        if self.eat_any(&["Z", "z", "UTC", "GMT"]) {
            return Some(0);
        }
        if self.eat("JST") {
            return Some(JST_OFFSET_SECONDS);
        }
        let sign = if self.eat("+") {
            1
        } else if self.eat("-") {
            -1
        } else {
            return Some(JST_OFFSET_SECONDS);
        };
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (hours, minutes) = if digits == 4 {
            let number = self.number(4)?;
            (number / 100, number % 100)
        } else {
            let hours = self.number(2)?;
            (hours, if self.eat(":") { self.number(2)? } else { 0 })
        };
        // 2023-05-12T10:32:00+09:00[Asia/Tokyo]
        if self.eat("[") {
            self.0 = self.0.split_once(']')?.1;
        }
        (hours <= 14 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(cell: &str) -> String {
        parse(cell).map_or_else(|| "-".into(), |d| d.format("%Y-%m-%d %H:%M:%S").to_string())
    }

    #[test]
    fn western_and_japanese_years_mean_the_same_day() {
        for cell in [
            "2023/5/12",
            "2023-05-12",
            "2023.05.12",
            "2023年5月12日",
            "２０２３年５月１２日",
            "令和5年5月12日",
            "令和５年５月１２日",
            "R5.5.12",
            "R5/5/12",
            "r",
            "R05-05-12",
            "㋿5年5月12日",
            "20230512",
            "45058",
            "2023年5月12日(金)",
            "2023 年 5 月 12 日",
            "西暦2023年5月12日",
        ] {
            let expected = if cell == "r" { "-" } else { "2023-05-12 00:00:00" };
            assert_eq!(shown(cell), expected, "{cell}");
        }
    }

    #[test]
    fn times_of_day() {
        for cell in [
            "2023/5/12 10:32",
            "2023-05-12 10:32:00",
            "2023-05-12T10:32:00+09:00",
            "2023-05-12T01:32:00Z",
            "2023-05-12T10:32:00.000+0900",
            "2023-05-11T21:32:00-04:00",
            "2023年5月12日 10時32分",
            "令和5年5月12日午前10時32分",
            "R5.5.12 10：32",
            "202305121032",
            "20230512103200",
            "20230512T10:32",
            "2023/05/12 10:32 AM",
            "2023-05-12T10:32:00+09:00[Asia/Tokyo]",
            "2023/5/12（金） 10:32",
        ] {
            assert_eq!(shown(cell), "2023-05-12 10:32:00", "{cell}");
        }
        assert_eq!(shown("2023/5/12 午後3時半"), "2023-05-12 15:30:00");
        assert_eq!(shown("2023/5/12 午後0:05"), "2023-05-12 12:05:00");
        assert_eq!(shown("2023/5/12 12:05 am"), "2023-05-12 00:05:00");
        assert_eq!(shown("2023/5/12 24:00"), "2023-05-13 00:00:00");
        // 45058 days after 1899-12-30 is 2023-05-12; 0.4375 of a day is 10.5 hours.
        assert_eq!(shown("45058.4375"), "2023-05-12 10:30:00");
        // 10:32 = 632 minutes of 1440 = 0.43888…
        assert_eq!(shown("45058.438888888886"), "2023-05-12 10:32:00");
    }

    #[test]
    fn eras_begin_where_history_says() {
        assert_eq!(shown("平成31/4/30"), "2019-04-30 00:00:00");
        assert_eq!(shown("H31.4.30"), "2019-04-30 00:00:00");
        assert_eq!(shown("令和元年5月1日"), "2019-05-01 00:00:00");
        assert_eq!(shown("昭和64年1月7日"), "1989-01-07 00:00:00");
        assert_eq!(shown("S64.1.7"), "1989-01-07 00:00:00");
        assert_eq!(shown("2023年5月"), "2023-05-01 00:00:00");
        assert_eq!(shown("2023/5"), "2023-05-01 00:00:00");
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for cell in [
            "",
            "昨日",
            "23/5/12",
            "2023/13/1",
            "2023/2/30",
            "5/12/2023",
            "12345678",
            "令和0年1月1日",
            "昭和99年4月1日",
            "H32.1.1",
            "大正16年1月1日",
            "2023/5/12 25:00",
            "1234",
            "2023/5/12 頃",
        ] {
            assert_eq!(shown(cell), "-", "{cell}");
        }
    }

    #[test]
    fn the_fiscal_year_begins_in_april() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(fiscal_year(day(2024, 3, 31)), 2023);
        assert_eq!(fiscal_year(day(2024, 4, 1)), 2024);
        assert_eq!(month_start(day(2024, 4, 30)), day(2024, 4, 1));
    }

    proptest::proptest! {
        #[test]
        fn every_minute_survives_being_written_and_read(minutes in 0i64..(60 * 24 * 365 * 60)) {
            let moment = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap().and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
            for form in ["%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S+09:00", "%Y年%m月%d日%H時%M分", "%Y%m%d%H%M"] {
                proptest::prop_assert_eq!(parse(&moment.format(form).to_string()), Some(moment));
            }
        }
    }
}
