//! `OutboundContext`: a client that sends the context only to permitted hosts.

use std::fmt;
use std::sync::Arc;

use reqwest::Url;
use reqwest::redirect::Policy;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::middleware::SendContext;

/// Whether a host may receive the context.
pub(crate) type MaySee = dyn Fn(&Url) -> bool + Send + Sync;

/// The limit of reqwest itself.
const MAX_REDIRECTS: usize = 10;

/// Adds the headers of outbound variables to the requests of a client, but only to those whose host may receive them,
/// even if a server redirects the client to another host.
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
/// The result is a client of [`reqwest_middleware`], whose requests are built like those of reqwest. The context is the
/// one that is current when the request is sent. Headers that the caller sets are not replaced.
///
/// The client follows up to ten redirects itself, because reqwest would repeat the headers for any host. reqwest's own
/// `Policy` and `Referer` have no effect. As in reqwest, credentials are dropped if a redirect leads to another origin.
/// A body that is a stream cannot be sent twice: in that case the redirect response itself is returned.
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

    /// Follows at most `most` redirects, ten by default. The response that would redirect further is returned.
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

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Returns an error if reqwest cannot build the client, for example if the TLS backend cannot be initialized.
    pub fn client(self, client: reqwest::ClientBuilder) -> reqwest::Result<ClientWithMiddleware> {
        Ok(self.builder(client)?.build())
    }

    /// Returns a builder, to add further middleware such as retries and spans after the context.
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
    /// Returns an error in the same cases as [`client`](Self::client).
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
