//! The CSVs that the console offers when a user, a password or a key is made.
//!
//! | file | columns |
//! |---|---|
//! | `NAME_accessKeys.csv`, `accessKeys.csv` | `Access key ID,Secret access key` |
//! | `NAME_credentials.csv`, `credentials.csv` | of `User name,Password,Access key ID,Secret access key,Console login link` any, in any order |
//! | `rootkey.csv` | as the first, or the lines `AWSAccessKeyId=…` and `AWSSecretKey=…` |

use csv::{ReaderBuilder, StringRecord};
use undercroft_model::{
    AccessKeyId, AccessKeyIdError, AccountAlias, AccountId, Partition, UserName, UserNameError,
};
use undercroft_secret::SecretString;

use crate::files::decode;

/// The most rows that a file may have.
pub const MAX_ROWS: usize = 5_000;

/// What one row of a file holds.
#[derive(Debug, Default)]
pub struct FoundKeys {
    /// The user, from its column or from the file's name.
    pub user: Option<UserName>,
    /// The console password.
    pub password: Option<SecretString>,
    /// The access key and its secret.
    pub key: Option<(AccessKeyId, SecretString)>,
    /// The account, from the sign-in link.
    pub account: Option<AccountId>,
    /// The account's alias, from the sign-in link.
    pub alias: Option<AccountAlias>,
    /// The partition, from the sign-in link.
    pub partition: Option<Partition>,
    /// Whether the key is the root user's.
    pub is_root: bool,
    /// What of the row is left out.
    pub problems: Vec<CellProblem>,
}

/// Why a cell is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellProblem {
    /// The user's name.
    #[error("the user name is left out: {0}")]
    User(#[source] UserNameError),
    /// The access key's id.
    #[error("the access key is left out: {0}")]
    KeyId(#[source] AccessKeyIdError),
    /// An id without its secret, or the other way round.
    #[error(
        "the access key is left out, since only its id or only its secret is there; make a new key in the console"
    )]
    HalfAKey,
    /// The sign-in link.
    #[error(
        "the sign-in link is left out: it looks like https://123456789012.signin.aws.amazon.com/console"
    )]
    Link,
}

impl CellProblem {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::KeyId(_) => "key-id",
            Self::HalfAKey => "half-a-key",
            Self::Link => "link",
        }
    }
}

/// Why a file isn't one of the console's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsoleError {
    /// Neither UTF-8 nor UTF-16, or too long.
    #[error("this is no text file of the console's; choose the CSV that it offered")]
    NotText,
    /// No column that the console writes.
    #[error(
        "the file has none of the columns that the console writes, like Access key ID and Secret access key"
    )]
    Unrecognised,
    /// Credentials for Git, Keyspaces or mail, which don't sign in to the console and aren't access keys.
    #[error(
        "these are credentials of one service (CodeCommit, Keyspaces or SES mail), not a console password or an access key; keep them as a note"
    )]
    OfOneService,
    /// Quotes or rows that don't fit.
    #[error("the file is damaged or cut off; export it again")]
    Damaged,
    /// More than [`MAX_ROWS`] rows.
    #[error("the file has more than 5000 rows; split it")]
    TooLong,
}

impl ConsoleError {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotText => "not-text",
            Self::Unrecognised => "unrecognised",
            Self::OfOneService => "of-one-service",
            Self::Damaged => "damaged",
            Self::TooLong => "too-long",
        }
    }
}

/// Reads a CSV of the console; `file_name` is asked for the user's name where no column has it.
///
/// Rows without anything in them are left out.
///
/// # Errors
/// When the file isn't one of these; a cell that can't be used is a problem of its row.
pub fn parse(bytes: &[u8], file_name: &str) -> Result<Vec<FoundKeys>, ConsoleError> {
    let text = decode(bytes).ok_or(ConsoleError::NotText)?;
    let text = text.expose();
    let name = FileName::of(file_name);
    if name.is_of_one_service {
        return Err(ConsoleError::OfOneService);
    }
    let mut rows = match root_lines(text) {
        Some(row) => vec![row],
        None => table(text)?,
    };
    for row in &mut rows {
        row.is_root |= name.is_root;
    }
    if let [row] = rows.as_mut_slice()
        && row.user.is_none()
        && !row.is_root
    {
        row.user = name.user;
    }
    Ok(rows)
}

/// Tells whether a text has the columns or lines of one of the console's files.
pub(super) fn is_one(text: &str) -> bool {
    let mut reader = reader(text);
    let columns = reader.headers().map(Columns::of);
    root_lines(text).is_some() || columns.is_ok_and(|columns| columns.is_some())
}

/// The old form of `rootkey.csv`: two lines that name what they hold.
fn root_lines(text: &str) -> Option<FoundKeys> {
    let (mut id, mut secret) = (None, None);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once('=')? {
            ("AWSAccessKeyId", value) => id = Some(value.trim()),
            ("AWSSecretKey", value) => secret = Some(value.trim()),
            _ => return None,
        }
    }
    let mut row = FoundKeys {
        is_root: true,
        ..FoundKeys::default()
    };
    id.or(secret)?;
    row.take_key(id.unwrap_or_default(), secret.unwrap_or_default());
    Some(row)
}

fn table(text: &str) -> Result<Vec<FoundKeys>, ConsoleError> {
    let mut reader = reader(text);
    let headers = reader.headers().map_err(|_| ConsoleError::Unrecognised)?;
    if headers.iter().any(|name| plain(name).starts_with("smtp")) {
        return Err(ConsoleError::OfOneService);
    }
    let columns = Columns::of(headers).ok_or(ConsoleError::Unrecognised)?;
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|_| ConsoleError::Damaged)?
    {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() >= MAX_ROWS {
            return Err(ConsoleError::TooLong);
        }
        rows.push(columns.row(&record));
    }
    Ok(rows)
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    // Spreadsheets write semicolons where the comma is the decimal sign.
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.contains(';') && !head.contains(',') {
        b';'
    } else {
        b','
    };
    ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// Where each column stands.
struct Columns {
    user: Option<usize>,
    password: Option<usize>,
    id: Option<usize>,
    secret: Option<usize>,
    link: Option<usize>,
}

impl Columns {
    fn of(headers: &StringRecord) -> Option<Self> {
        let find = |names: &[&str]| {
            headers
                .iter()
                .position(|header| names.contains(&plain(header).as_str()))
        };
        let columns = Self {
            user: find(&["username"]),
            password: find(&["password"]),
            id: find(&["accesskeyid", "awsaccesskeyid"]),
            secret: find(&["secretaccesskey", "awssecretaccesskey", "awssecretkey"]),
            link: find(&["consoleloginlink", "consolesigninurl", "consolesigninlink"]),
        };
        let is_key = columns.id.is_some() && columns.secret.is_some();
        // A user name and a password alone might be anybody's; the console writes a link beside them, or a key.
        let is_user = columns.user.is_some() && columns.link.is_some();
        (is_key || is_user).then_some(columns)
    }

    fn row(&self, record: &StringRecord) -> FoundKeys {
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| record.get(column));
            cell.unwrap_or_default()
        };
        let mut row = FoundKeys::default();
        row.take_key(cell(self.id).trim(), cell(self.secret).trim());
        row.take_user(cell(self.user).trim());
        row.take_link(cell(self.link).trim());
        // A password may begin or end with a space.
        let password = cell(self.password);
        row.password = (!password.is_empty()).then(|| SecretString::copy_of(password));
        row
    }
}

/// A header's letters and digits, in lower case: the console has changed capitals and spaces over the years.
fn plain(header: &str) -> String {
    let letters = header.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

impl FoundKeys {
    fn take_key(&mut self, id: &str, secret: &str) {
        match (id.is_empty(), secret.is_empty()) {
            (true, true) => {}
            (false, false) => match AccessKeyId::parse(id) {
                Ok(id) => self.key = Some((id, SecretString::copy_of(secret))),
                Err(error) => self.problems.push(CellProblem::KeyId(error)),
            },
            (true, false) | (false, true) => self.problems.push(CellProblem::HalfAKey),
        }
    }

    fn take_user(&mut self, name: &str) {
        if matches!(name, "<root_account>" | "root") {
            self.is_root = true;
        } else if !name.is_empty() {
            match UserName::parse(name) {
                Ok(name) => self.user = Some(name),
                Err(error) => self.problems.push(CellProblem::User(error)),
            }
        }
    }

    fn take_link(&mut self, link: &str) {
        if link.is_empty() {
            return;
        }
        let Some((partition, label)) = sign_in_label(link) else {
            self.problems.push(CellProblem::Link);
            return;
        };
        self.partition = Some(partition);
        if let Ok(account) = AccountId::parse(&label) {
            self.account = Some(account);
        } else if let Ok(alias) = AccountAlias::parse(&label) {
            self.alias = Some(alias);
        } else {
            self.problems.push(CellProblem::Link);
        }
    }
}

/// Gives the account or alias of a sign-in link, the first label of its host, and the partition.
fn sign_in_label(link: &str) -> Option<(Partition, String)> {
    let address = url::Url::parse(link).ok()?;
    let host = address.host_str()?;
    let of = |partition, sign_in: &str| {
        let label = host.strip_suffix(sign_in)?.strip_suffix('.')?;
        (!label.contains('.')).then(|| (partition, label.to_owned()))
    };
    of(Partition::Aws, "signin.aws.amazon.com")
        .or_else(|| of(Partition::AwsCn, "signin.amazonaws.cn"))
        .or_else(|| of(Partition::AwsUsGov, "signin.amazonaws-us-gov.com"))
        .or_else(|| of(Partition::AwsEusc, "signin.amazonaws-eusc.eu"))
}

/// What a file's name says of its content.
#[derive(Debug, Default, PartialEq)]
struct FileName {
    user: Option<UserName>,
    is_root: bool,
    is_of_one_service: bool,
}

impl FileName {
    fn of(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let end = ["_accesskeys", "_credentials"]
            .iter()
            .find_map(|end| lower.rfind(end));
        let user = end.and_then(|end| name.get(..end));
        Self {
            user: user.and_then(|user| UserName::parse(user).ok()),
            is_root: lower.starts_with("rootkey"),
            is_of_one_service: ["codecommit", "keyspaces", "cassandra"]
                .iter()
                .any(|service| lower.contains(service)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[u8] = b"\xef\xbb\xbfAccess key ID,Secret access key\r\nAKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\r\n";

    fn only(bytes: &[u8], name: &str) -> FoundKeys {
        let mut rows = parse(bytes, name).expect("a file of the console's");
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    #[test]
    fn the_user_comes_from_the_file_name() {
        let user = |name| only(KEYS, name).user.map(|user| user.to_string());
        assert_eq!(
            user("/tmp/jane.doe_accessKeys (1).csv").as_deref(),
            Some("jane.doe")
        );
        assert_eq!(
            user("C:\\Users\\j\\a_b_credentials.csv").as_deref(),
            Some("a_b")
        );
        assert_eq!(user("accessKeys.csv"), None);
        assert_eq!(user("rootkey.csv"), None);
        assert!(only(KEYS, "rootkey(2).csv").is_root);
    }

    #[test]
    fn a_link_tells_account_or_alias_and_partition() {
        let label = |link: &str| sign_in_label(link);
        assert_eq!(
            label("https://123456789012.signin.aws.amazon.com/console"),
            Some((Partition::Aws, "123456789012".to_owned()))
        );
        assert_eq!(
            label("https://acme.signin.amazonaws.cn/console"),
            Some((Partition::AwsCn, "acme".to_owned()))
        );
        for other in [
            "https://signin.aws.amazon.com/console",
            "https://a.b.signin.aws.amazon.com/",
            "https://evil-signin.aws.amazon.com.example.com",
            "acme",
        ] {
            assert_eq!(label(other), None, "{other}");
        }
    }

    #[test]
    fn credentials_of_one_service_are_refused() {
        let git = b"User Name,Password\njane-at-123456789012,x\n";
        let error = |bytes, name| parse(bytes, name).expect_err("not the console's");
        assert_eq!(
            error(git, "jane_codecommit_credentials.csv"),
            ConsoleError::OfOneService
        );
        assert_eq!(error(git, "logins.csv"), ConsoleError::Unrecognised);
        let mail = b"IAM user name,SMTP user name,SMTP password\na,AKIAIOSFODNN7EXAMPLE,x\n";
        assert_eq!(error(mail, "credentials.csv"), ConsoleError::OfOneService);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let shown = format!("{:?}", parse(KEYS, "accessKeys.csv"));
        assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"));
        assert!(!shown.contains("wJalr"));
        let swapped = b"Access key ID,Secret access key\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY,AKIAIOSFODNN7EXAMPLE\n";
        let row = only(swapped, "accessKeys.csv");
        assert!(matches!(row.problems.as_slice(), [CellProblem::KeyId(_)]));
        assert!(!format!("{row:?} {}", row.problems[0]).contains("wJalr"));
    }
}
