//! `OutboundContext`: which hosts may see the context, and the client that respects it.

use std::fmt;
use std::sync::Arc;

use reqwest::Url;
use reqwest::redirect::Policy;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::middleware::SendContext;

/// Whether a host may see what the context sends.
pub(crate) type MaySee = dyn Fn(&Url) -> bool + Send + Sync;

/// As many as reqwest follows by itself.
const MAX_REDIRECTS: usize = 10;

/// Puts the headers that variables declare on the requests of a client: on those to hosts that may see them, and on no
/// other one, whatever a server redirects to.
///
/// ```
/// use propagate_context_reqwest::OutboundContext;
///
/// let ours = |url: &reqwest::Url| url.host_str().is_some_and(|host| host.ends_with(".internal"));
/// let client = OutboundContext::only(ours).client(reqwest::Client::builder())?;
/// # async fn call(client: reqwest_middleware::ClientWithMiddleware) -> reqwest_middleware::Result<()> {
/// let orders = client.get("http://orders.internal/orders").send().await?;
/// # drop(orders); Ok(())
/// # }
/// # drop(client);
/// # Ok::<(), reqwest::Error>(())
/// ```
///
/// The client is one of [`reqwest_middleware`], whose requests are built as those of reqwest. The context is the one that
/// is current where the request is sent; a header that the caller sets is not replaced.
///
/// It follows redirects itself, up to ten of them, since reqwest would repeat the headers at any host: `Policy` and
/// `Referer` of reqwest have no effect. As with reqwest, credentials are dropped where a redirect leads to another origin,
/// and a body that is a stream cannot be sent twice: the response that redirects it is returned.
#[derive(Clone)]
#[must_use = "it does nothing until a client is built with it"]
pub struct OutboundContext {
    may_see: Arc<MaySee>,
    max_redirects: usize,
}

impl OutboundContext {
    /// Sends the context only to hosts for which `may_see` returns `true`.
    pub fn only(may_see: impl Fn(&Url) -> bool + Send + Sync + 'static) -> Self {
        Self {
            may_see: Arc::new(may_see),
            max_redirects: MAX_REDIRECTS,
        }
    }

    /// Follows at most this many redirects, ten by default; the response that would lead further is returned.
    ///
    /// ```
    /// use propagate_context_reqwest::OutboundContext;
    ///
    /// let context = OutboundContext::only(|url| url.host_str() == Some("stock.internal")).max_redirects(3);
    /// # drop(context);
    /// ```
    pub fn max_redirects(mut self, most: usize) -> Self {
        self.max_redirects = most;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// Where reqwest cannot build it, such as without a TLS backend that can be initialized.
    pub fn client(self, client: reqwest::ClientBuilder) -> reqwest::Result<ClientWithMiddleware> {
        Ok(self.builder(client)?.build())
    }

    /// The client, with room for further middleware behind ours: retries, spans.
    ///
    /// ```
    /// # use propagate_context_reqwest::OutboundContext;
    /// # struct YourRetries;
    /// # #[async_trait::async_trait]
    /// # impl reqwest_middleware::Middleware for YourRetries {
    /// #     async fn handle(&self, request: reqwest::Request, extensions: &mut http::Extensions,
    /// #         next: reqwest_middleware::Next<'_>) -> reqwest_middleware::Result<reqwest::Response> {
    /// #         next.run(request, extensions).await
    /// #     }
    /// # }
    /// let client = OutboundContext::only(|url| url.host_str() == Some("orders.internal"))
    ///     .builder(reqwest::Client::builder())?
    ///     .with(YourRetries)
    ///     .build();
    /// # drop(client);
    /// # Ok::<(), reqwest::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`client`](Self::client).
    pub fn builder(self, client: reqwest::ClientBuilder) -> reqwest::Result<ClientBuilder> {
        let client = client.redirect(Policy::none()).build()?;
        let middleware = SendContext {
            may_see: self.may_see,
            max_redirects: self.max_redirects,
        };
        Ok(ClientBuilder::new(client).with(middleware))
    }
}

impl fmt::Debug for OutboundContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundContext")
            .field("max_redirects", &self.max_redirects)
            .finish_non_exhaustive()
    }
}
